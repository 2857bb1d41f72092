"""ERCOT's extracts into the registry; counts of the constructed files are in their provenance."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from ossrep.infra import services
from ossrep.market.models import EsiIdExtract, OutboxEvent, RefusedFileRow, ServicePoint
from ossrep.market.usecases.extracts.importing import ExtractOutcome, import_esi_ids
from ossrep.market.usecases.extracts.retrying import retry_extract_rows
from ossrep.market.usecases.service_points import apply_service_point_change
from ossrep.published.customer import CustomerService
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account

pytestmark = pytest.mark.django_db(databases="__all__")
FILES = Path(__file__).parents[3] / "fixtures/market/esi_id_extract"
NOW = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)

CSV_NAME = "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv"


def rows_of(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return list(csv.reader(io.StringIO(text)))


def line_of(row: Sequence[str]) -> str:
    return ",".join(f'"{cell}"' if cell else "" for cell in row)


SAME, CHANGED = (
    next(row for row in rows_of(next(FILES.glob("*ONCOR*FUL.zip"))) if row[0] == esi_id)
    for esi_id in ("10443720000000001", "10443729900000007")
)
CHANGED[9] = "Inactive"
SAME[19] = "N"


def copy_as(folder: Path, name: str, rows: Sequence[Sequence[str]]) -> Path:
    path = folder / name
    path.write_text("".join(f"{line_of(row)}\n" for row in rows))
    return path


def zipped(folder: Path, members: Mapping[str, bytes]) -> Path:
    path = folder / "ext.00000203.0000000000000000.20260406.181139015.ONCOR_ELEC___FUL.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def take(*paths: Path, now: dt.datetime = NOW) -> list[ExtractOutcome]:
    return list(import_esi_ids(paths=paths, now=now))


def full() -> list[Path]:
    return sorted(FILES.glob("*FUL.zip"))


class TestFullExtracts:
    def test_bring_every_esi_id(self) -> None:
        outcomes = take(*full())

        found = {o.territory: (o.lines, o.added, o.repeated, o.refused) for o in outcomes}
        assert found == {
            "ONCOR_ELEC": (64, 63, 1, 0),
            "CENTERPOINT": (56, 56, 0, 0),
            "AEP_CENTRAL": (24, 24, 0, 0),
            "TNMP": (24, 24, 0, 0),
            "AEP_NORTH": (14, 14, 0, 0),
            "LUBBOCK": (12, 12, 0, 0),
            "NUECES_ELEC": (6, 6, 0, 0),
        }
        assert ServicePoint.objects.count() == 199
        assert ServicePoint.objects.filter(has_switch_hold=True).count() == 15
        assert ServicePoint.objects.filter(is_metered=False).count() == 4
        assert ServicePoint.objects.exclude(open_service_orders="").count() == 42
        # Twice in the file: the later row counts.
        assert ServicePoint.objects.get(esi_id="10443729900000020").status == "Active"

    def test_keep_every_column(self) -> None:
        take(*full())

        point = ServicePoint.objects.get(esi_id="10443720000000001")
        row = next(r for r in rows_of(next(FILES.glob("*ONCOR*FUL.zip"))) if r[0] == point.esi_id)
        assert [
            *(point.street, point.street_line2, point.city, point.state, point.zip_code),
            *(point.county, point.read_cycle, point.status, point.premise_type),
            *(point.power_region, point.station, point.station_name),
        ] == [*row[1:7], *row[8:14]]
        assert (point.tdsp_code, point.extract_at) == (
            "ONCOR_ELEC",
            dt.datetime(2026, 3, 1, 5, 59, 59, tzinfo=dt.UTC),
        )

    def test_are_told_once_each(self) -> None:
        take(*full())
        again = take(*full())

        assert {o.was_known for o in again} == {True}
        kinds = OutboxEvent.objects.values_list("event_type", flat=True)
        assert list(kinds) == ["market.esi-id-extract-imported.v1"] * 7

    def test_write_only_what_has_changed(self, tmp_path: Path) -> None:
        take(*full())
        ServicePoint.objects.update(changed_xid=1)
        later = copy_as(tmp_path, "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv", [CHANGED, SAME])

        (outcome,) = take(later)

        assert (outcome.added, outcome.changed, outcome.same) == (0, 1, 1)
        written = ServicePoint.objects.exclude(changed_xid=1)
        assert [point.esi_id for point in written] == [CHANGED[0]]


class TestDailyExtracts:
    def test_bring_the_changes(self) -> None:
        take(*full())
        (outcome,) = take(*FILES.glob("*DAILY.zip"))

        assert (outcome.added, outcome.changed, outcome.same) == (1, 5, 0)
        points = {p.esi_id[-3:]: p for p in ServicePoint.objects.filter(tdsp_code="ONCOR_ELEC")}
        assert points["005"].status == "Active"
        assert points["014"].has_switch_hold is True
        assert points["004"].has_switch_hold is False
        assert "," in points["012"].street
        assert points["901"].status == "De-Energized"
        assert points["013"].status == "Inactive"

    def test_end_alike_in_any_order(self) -> None:
        take(*FILES.glob("*DAILY.zip"))
        take(*full())

        points = {p.esi_id[-3:]: p for p in ServicePoint.objects.filter(tdsp_code="ONCOR_ELEC")}
        assert (points["005"].status, points["013"].status) == ("Active", "Inactive")
        assert ServicePoint.objects.count() == 200

    def test_are_passed_over_where_a_newer_full_one_was_taken(self, tmp_path: Path) -> None:
        take(copy_as(tmp_path, "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv", [SAME]))
        (outcome,) = take(*FILES.glob("*DAILY.zip"))

        assert outcome.state == "superseded"
        assert ServicePoint.objects.count() == 1


class TestOtherSources:
    HOLD: ClassVar = {"has_switch_hold": True}

    def tell(self, day: int, values: dict[str, object]) -> None:
        apply_service_point_change(
            source="814_20",
            reference=f"T{day}",
            effective_at=dt.datetime(2026, 4, day, tzinfo=dt.UTC),
            esi_id=SAME[0],
            values=values,
            now=NOW,
        )

    @pytest.mark.parametrize("told_first", [True, False])
    @pytest.mark.parametrize(("day", "held"), [(2, False), (6, True)])
    def test_win_where_they_are_newer(
        self, told_first: bool, day: int, held: bool, tmp_path: Path
    ) -> None:
        # As of Saturday, 4 April.
        path = copy_as(tmp_path, "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv", [SAME])
        if told_first:
            self.tell(day, self.HOLD)
            take(path)
        else:
            take(path)
            self.tell(day, self.HOLD)

        point = ServicePoint.objects.get()
        assert (point.has_switch_hold, point.street) == (held, SAME[1])

    def test_lose_to_a_row_that_did_not_have_to_be_written(self, tmp_path: Path) -> None:
        take(copy_as(tmp_path, "ONCOR_ELEC___FUL-REPORTS-02-MAR-26.csv", [SAME]))
        take(copy_as(tmp_path, "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv", [SAME]))
        self.tell(2, self.HOLD)

        assert ServicePoint.objects.get().has_switch_hold is False


class TestBadRows:
    def test_are_kept_with_line_and_reason(self, tmp_path: Path) -> None:
        lines = [
            line_of(SAME),
            '"1.04E+16",' + line_of(SAME).split(",", 1)[1],
            "too,few",
            line_of([*SAME[:9], "Retired", *SAME[10:]]),
            '"104437299',
            line_of([*SAME[:5], "7520", *SAME[6:]]),
            line_of([*SAME[:14], "maybe", *SAME[15:]]),
            line_of([*SAME[:1], "x" * 121, *SAME[2:]]),
            line_of(CHANGED),
        ]
        path = tmp_path / "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv"
        path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n\xff\n")

        (outcome,) = take(path)

        assert (outcome.added, outcome.refused, outcome.lines) == (2, 8, 10)
        kept = RefusedFileRow.objects.filter(kind="esi-id").order_by("line")
        assert [(row.line, row.message) for row in kept] == [
            (2, "column 1: '1.04E+16' is no ESI ID (10 to 36 digits)"),
            (3, "has 2 columns, 22 are needed"),
            (4, "column 10: 'Retired' is no status (Active, Inactive, De-Energized)"),
            (5, "is not CSV: unexpected end of data"),
            (6, "column 6: '7520' is no ZIP"),
            (7, "column 15: 'maybe' is not Y or N"),
            (8, "column 2: street has 121 characters, at most 120"),
            (10, "is not UTF-8"),
        ]

    def test_can_be_tried_again(self, tmp_path: Path) -> None:
        path = tmp_path / "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv"
        path.write_text(f"{line_of(SAME)}\n{line_of([*CHANGED[:9], 'Retired', *CHANGED[10:]])}\n")
        take(path)
        mended = line_of(CHANGED)
        RefusedFileRow.objects.update(raw_row=mended)

        assert retry_extract_rows(as_of=NOW) == (1, 0)
        assert ServicePoint.objects.get(esi_id=CHANGED[0]).street == CHANGED[1]
        assert RefusedFileRow.objects.get().settlement == "taken"


class TestRefusedFiles:
    def refusal(self, path: Path) -> str:
        (outcome,) = take(path)
        assert not ServicePoint.objects.exists()
        return outcome.refusal

    def test_have_an_unknown_territory(self, tmp_path: Path) -> None:
        path = copy_as(tmp_path, "NOWHERE_______FUL-REPORTS-06-APR-26.csv", [SAME])

        assert "no TDSP has the territory NOWHERE: add it to the TDSP aliases" in self.refusal(path)

    @pytest.mark.parametrize("name", ["points.csv", "ONCOR_ELEC___FUL.csv", "ONCOR_ELEC.csv"])
    def test_have_a_name_that_does_not_say_what_they_are(self, name: str, tmp_path: Path) -> None:
        assert "the name" in self.refusal(copy_as(tmp_path, name, [SAME]))

    @pytest.mark.parametrize("name", ["../evil_FUL.csv", "/etc/x_FUL.csv", "..\\x_FUL.csv"])
    def test_lead_out_of_their_zip(self, name: str, tmp_path: Path) -> None:
        path = zipped(tmp_path, {name.replace("_FUL", "ONCOR_ELEC___FUL"): line_of(SAME).encode()})

        assert "leads out of the archive" in self.refusal(path)

    def test_are_bombs(self, tmp_path: Path) -> None:
        bomb = line_of(SAME).encode() + b"\n" + b"0" * 60_000_000
        path = zipped(tmp_path, {"ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv": bomb})

        assert "unpacks to more than" in self.refusal(path)

    def test_hold_nothing(self, tmp_path: Path) -> None:
        assert "holds no CSV file" in self.refusal(zipped(tmp_path, {"README.txt": b"x"}))
        assert "is empty" in self.refusal(copy_as(tmp_path, CSV_NAME, []))

    def test_are_not_there(self, tmp_path: Path) -> None:
        assert "cannot be read" in self.refusal(tmp_path / "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv")

    def test_are_cut_off(self, tmp_path: Path) -> None:
        rows = [[f"1044372{n:010d}", f"{n} OAK{n * 7919} ST", *SAME[2:]] for n in range(40_000)]
        whole = "\n".join(map(line_of, rows)).encode()
        packed = gzip.compress(whole)
        path = tmp_path / f"{CSV_NAME}.gz"
        path.write_bytes(packed[: len(packed) // 2])

        (outcome,) = take(path)

        assert (outcome.state, "cannot be read" in outcome.refusal) == ("broken", True)
        assert outcome.added == ServicePoint.objects.count() == outcome.lines
        assert 10_000 < outcome.added < 30_000


class TestOurCustomers:
    def test_have_events_and_history_by_row(self, tmp_path: Path) -> None:
        contract = a_contract(contract_id=1, account_id=1, esi_id=CHANGED[0])
        customer = InMemoryCustomers([an_account(account_id=1, contracts=[contract])])
        with services.standing_in(CustomerService, customer):
            take(copy_as(tmp_path, CSV_NAME, [SAME, [*CHANGED[:9], "Active", *CHANGED[10:]]]))
            take(copy_as(tmp_path, "ONCOR_ELEC___FUL-REPORTS-04-MAY-26.csv", [SAME, CHANGED]))

        told = OutboxEvent.objects.filter(aggregate_type="service-point").order_by("pk")
        assert [(one.event_type, one.aggregate_id) for one in told] == [
            ("SERVICE_POINT_CREATED", CHANGED[0]),
            ("SERVICE_POINT_UPDATED", CHANGED[0]),
        ]
        assert told[1].payload["servicePoint"]["status"] == "Inactive"
        history = ServicePoint.objects.get(esi_id=CHANGED[0]).changes.all()
        assert [(one.source, one.values["status"]) for one in history] == [
            ("extract", "Inactive"),
            ("extract", "Active"),
        ]


class TestTheLog:
    def test_has_a_row_for_each_file(self) -> None:
        take(*full())

        found = EsiIdExtract.objects.get(territory="ONCOR_ELEC")
        assert (found.state, found.kind, found.report_date) == ("done", "FUL", dt.date(2026, 3, 2))
        assert (found.lines_done, found.added, found.repeated, found.refused) == (64, 63, 1, 0)
