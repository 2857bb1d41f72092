"""Read calendars into the book, and what other contexts are told of them."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.market.management.subcommands.import_read_calendar import ReadCalendarRefused
from ossrep.market.models import Iso, ReadDate, RefusedReadRow, Tdsp
from ossrep.market.service import MarketService
from ossrep.market.usecases.import_read_calendar import ReadCalendarOutcome, import_read_calendar
from ossrep.market.usecases.settle_refused_reads import (
    RetryOutcome,
    UnknownRefusedRow,
    discard_refused_reads,
    retry_refused_reads,
)
from ossrep.published.market import DeliveryChargeRequest

pytestmark = pytest.mark.django_db(databases="__all__")

HEADER = "tdsp,read_cycle,month,read_date\n"
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ONCOR = TdspCode("ONCOR_ELEC")
TNMP = TdspCode("TNMP")


def _import(tmp_path: Path, rows: str, *, name: str = "reads.csv") -> ReadCalendarOutcome:
    path = tmp_path / name
    path.write_text(HEADER + rows)
    (outcome,) = import_read_calendar(paths=[path])
    assert_invariants(contexts=["market"])
    return outcome


class TestImportReadCalendar:
    def test_loads_dates_that_others_find(self, tmp_path: Path) -> None:
        outcome = _import(
            tmp_path,
            "ONCOR_ELEC,07,2026-10,2026-10-08\nONCOR_ELEC,07,2026-11,2026-11-09\n"
            "ONCOR_ELEC,08,2026-11,2026-11-10\nTNMP,07,2026-11,2026-11-12\n",
        )

        assert (outcome.rows, outcome.added, outcome.refused) == (4, 4, 0)
        assert MarketService().find_read_dates(
            keys=[(ONCOR, "07"), (TNMP, "07"), (TNMP, "08")],
            start=dt.date(2026, 10, 8),
            end=dt.date(2026, 11, 12),
        ) == {
            (ONCOR, "07"): (dt.date(2026, 10, 8), dt.date(2026, 11, 9)),
            (TNMP, "07"): (),
            (TNMP, "08"): (),
        }

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        rows = "ONCOR_ELEC,07,2026-11,2026-11-09\nNOBODY,07,2026-11,2026-11-09\n"
        _import(tmp_path, rows)
        before = list(ReadDate.objects.values())

        again = _import(tmp_path, rows)

        assert (again.added, again.changed, again.same, again.refused) == (0, 0, 1, 1)
        assert list(ReadDate.objects.values()) == before
        assert RefusedReadRow.objects.count() == 1

    def test_keeps_the_date_before_a_change_in_history(self, tmp_path: Path) -> None:
        _import(tmp_path, "ONCOR_ELEC,07,2026-11,2026-11-09\n")

        outcome = _import(tmp_path, "ONCOR_ELEC,07,2026-11,2026-11-10\n", name="mended.csv")

        assert (outcome.added, outcome.changed) == (0, 1)
        day = ReadDate.objects.get()
        assert day.read_date == dt.date(2026, 11, 10)
        history = day.events.order_by("pgh_id").values_list("pgh_label", "read_date")
        assert list(history) == [
            ("insert", dt.date(2026, 11, 9)),
            ("update", dt.date(2026, 11, 10)),
        ]

    def test_keeps_bad_rows_apart_and_loads_the_good(self, tmp_path: Path) -> None:
        outcome = _import(
            tmp_path,
            "ONCOR,07,2026-11,2026-11-09\nONCOR_ELEC,07,2026-11,2026-11-09\n"
            "ONCOR_ELEC,07,2026-11,2026-11-10\nONCOR_ELEC,07,2026-12,2026-11-25\n"
            "ONCOR_ELEC,07,2026-10,2026-11-09\n\n",
        )

        path = tmp_path / "reads.csv"
        assert (outcome.rows, outcome.added, outcome.refused) == (5, 2, 3)
        assert outcome.refused_rows == [
            f"{path}:2: no TDSP has the code 'ONCOR'; see manage.py market list-tdsps",
            f"{path}:4: the file gave 2026-11-09 for this cycle and month before",
            f"{path}:6: 2026-11-09 for 2026-10 does not fit 2026-11-09 for 2026-11",
        ]
        assert list(RefusedReadRow.objects.order_by("line").values_list("line", flat=True)) == [
            2,
            4,
            6,
        ]

    def test_refuses_a_file_with_another_header(self, tmp_path: Path) -> None:
        path = tmp_path / "reads.csv"
        path.write_text("cycle,date\n07,2026-11-09\n")

        (outcome,) = import_read_calendar(paths=[path])

        assert outcome.refusal == (
            f"{path}:1: the first line must be tdsp,read_cycle,month,read_date"
        )
        assert ReadDate.objects.count() == 0

    def test_tells_by_command_what_did_not_load(self, tmp_path: Path) -> None:
        path = tmp_path / "reads.csv"
        path.write_text(HEADER + "ONCOR_ELEC,07,2026-11,never\n")
        out = StringIO()

        with pytest.raises(ReadCalendarRefused) as caught:
            call_command("market", "import-read-calendar", str(path), stdout=out)

        assert out.getvalue().splitlines()[1] == f"{path}\t1\t0\t0\t0\t1"
        assert str(caught.value) == (
            f"{path}:2: the read date must be like 2026-11-09, not 'never'\n"
            "1 rows are in quarantine: manage.py market quarantine list"
        )


class TestQuarantine:
    def test_retries_what_fits_now(self, tmp_path: Path) -> None:
        _import(tmp_path, "NEWCO,07,2026-11,2026-11-09\n")
        assert retry_refused_reads(as_of=NOW) == RetryOutcome(loaded=0, still_refused=1)
        Tdsp.objects.create(iso=Iso.objects.get(), code="NEWCO", name="New Wires")

        outcome = retry_refused_reads(as_of=NOW)

        assert outcome == RetryOutcome(loaded=1, still_refused=0)
        assert ReadDate.objects.get().read_date == dt.date(2026, 11, 9)
        assert RefusedReadRow.objects.get().settlement == "loaded"

    def test_lays_rows_aside(self, tmp_path: Path) -> None:
        _import(tmp_path, "NEWCO,07,2026-11,2026-11-09\n")
        row = RefusedReadRow.objects.get()

        discard_refused_reads(row_ids=[row.pk], as_of=NOW)

        assert RefusedReadRow.objects.get().settlement == "discarded"
        with pytest.raises(UnknownRefusedRow, match=f"no open row has the number {row.pk}"):
            discard_refused_reads(row_ids=[row.pk], as_of=NOW)


class TestMarketService:
    def test_lists_the_tdsps_of_the_market_by_code(self) -> None:
        tdsps = MarketService().list_tdsps()

        assert [(t.code, t.duns) for t in tdsps] == [
            ("AEP_CENTRAL", "007924772"),
            ("AEP_NORTH", "007923311"),
            ("AEP_TEXAS_SP", ""),
            ("CENTERPOINT", "957877905"),
            ("ENTERGY_GULF", ""),
            ("LUBBOCK", "0582138934100"),
            ("NUECES_ELEC", "0088288574800"),
            ("ONCOR_ELEC", "1039940674000"),
            ("SHARYLAND", "1052623364500"),
            ("SWEPCO_ENERG", ""),
            ("TNMP", "007929441"),
        ]

    def test_has_no_delivery_charges(self) -> None:
        request = DeliveryChargeRequest(
            EsiId("10443720000000001"), dt.date(2026, 10, 8), dt.date(2026, 11, 9)
        )

        assert MarketService().get_delivery_charges(requests=[request, request]) == [None, None]
