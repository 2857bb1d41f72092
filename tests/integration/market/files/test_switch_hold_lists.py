"""Daily switch-hold lists into the registry of service points."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError

from ossrep.market.db import transaction
from ossrep.market.management.subcommands.import_switch_holds import HoldListsRefused
from ossrep.market.models import (
    RefusedFileRow,
    ServicePoint,
    ServicePointChange,
    SwitchHoldList,
)
from ossrep.market.usecases.import_switch_holds import (
    HoldListOutcome,
    import_switch_holds,
    retry_hold_rows,
)
from ossrep.market.usecases.refused_rows import UnknownFileRow, settle_file_rows
from ossrep.market.usecases.service_points import apply_service_point_change

pytestmark = pytest.mark.django_db(databases="__all__")

SAMPLE = Path(__file__).parents[3] / "fixtures/market/files/1039940674000SWITCHHOLD03022026.txt"
NOW = dt.datetime(2026, 3, 2, 11, 30, tzinfo=dt.UTC)
HELD = ["10443729900000004", "10443729900000005", "10443729900000032", "10443729900000038"]


def _list(tmp_path: Path, rows: str, *, day: str = "03032026", duns: str = "1039940674000") -> Path:
    path = tmp_path / f"{duns}SWITCHHOLD{day}.txt"
    path.write_text(rows)
    return path


def _take(path: Path) -> HoldListOutcome:
    (outcome,) = import_switch_holds(paths=[path], now=NOW)
    return outcome


def _held() -> list[str]:
    found = ServicePoint.objects.filter(has_switch_hold=True)
    return list(found.order_by("esi_id").values_list("esi_id", flat=True))


def _told(esi_id: str, at: dt.datetime, **values: Any) -> None:
    apply_service_point_change(
        source="814_20", effective_at=at, esi_id=esi_id, reference="R1", values=values, now=at
    )


class TestImportSwitchHolds:
    def test_holds_what_the_list_names(self) -> None:
        outcome = _take(SAMPLE)

        assert (outcome.rows, outcome.held, outcome.released, outcome.refused) == (4, 4, 0, 0)
        assert _held() == HELD
        change = ServicePointChange.objects.get(service_point__esi_id=HELD[0])
        assert change.source == "hold-list"
        # Midnight in Central Standard Time.
        assert change.effective_at == dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
        assert change.notes == ["on hold since 2026-01-14"]
        assert ServicePoint.objects.get(esi_id=HELD[0]).tdsp_code == "ONCOR_ELEC"

    def test_does_nothing_with_the_same_content(self) -> None:
        _take(SAMPLE)

        again = _take(SAMPLE)

        assert again.was_known
        assert (ServicePointChange.objects.count(), SwitchHoldList.objects.count()) == (4, 1)

    def test_takes_the_hold_of_those_absent_from_the_next_list(self, tmp_path: Path) -> None:
        _take(SAMPLE)
        _told("1008901000000000000001", NOW, has_switch_hold=True, tdsp_code="CENTERPOINT")

        outcome = _take(_list(tmp_path, f"{HELD[0]},20260114\n{HELD[1]},20260117\n"))

        assert outcome.released == 2
        assert _held() == ["1008901000000000000001", HELD[0], HELD[1]]
        change = ServicePointChange.objects.filter(service_point__esi_id=HELD[3]).first()
        assert change is not None
        assert change.notes == ["not in the list any more"]

    def test_yields_to_newer_words(self, tmp_path: Path) -> None:
        later = dt.datetime(2026, 3, 3, 15, tzinfo=dt.UTC)
        _told(HELD[0], later, has_switch_hold=False)
        _told("10443720000000001", later, has_switch_hold=True, tdsp_code="ONCOR_ELEC")

        outcome = _take(SAMPLE)

        assert outcome.released == 0
        assert _held() == ["10443720000000001", *HELD[1:]]

    def test_lets_an_older_list_change_nothing(self, tmp_path: Path) -> None:
        _take(_list(tmp_path, f"{HELD[0]},20260114\n"))

        outcome = _take(SAMPLE)

        assert (outcome.is_superseded, outcome.held) == (True, 0)
        assert _held() == [HELD[0]]

    def test_lets_the_second_list_of_a_day_win(self, tmp_path: Path) -> None:
        _take(SAMPLE)

        outcome = _take(_list(tmp_path, f"{HELD[0]},20260114\n", day="03022026"))

        assert outcome.released == 3
        assert _held() == [HELD[0]]

    def test_keeps_bad_rows_apart_and_then_releases_nobody(self, tmp_path: Path) -> None:
        _take(SAMPLE)
        rows = f"{HELD[0]},20260114\n{HELD[1]}\nX-1,20260101\n{HELD[2]},20260230\n"
        path = _list(tmp_path, rows + f"{HELD[3]},20260304\n{HELD[0]},20260115\n\n")

        outcome = _take(path)

        assert (outcome.rows, outcome.held, outcome.released, outcome.refused) == (6, 1, 0, 5)
        assert outcome.keeps_absent
        assert outcome.refused_rows == [
            f"{path}:2: has 1 fields instead of 2 (ESI ID, start date)",
            f"{path}:3: the ESI ID must be 1 to 36 digits or letters, not 'X-1'",
            f"{path}:4: the start date must be like 20260302, not '20260230'",
            f"{path}:5: the hold begins on 2026-03-04, after the list of 2026-03-03",
            f"{path}:6: the list gave 2026-01-14 for this ESI ID before",
        ]
        assert _held() == HELD
        assert RefusedFileRow.objects.filter(kind="switch-hold").count() == 5

    @pytest.mark.parametrize(
        ("name", "rows", "told"),
        [
            (
                "holds.txt",
                "1,20260101\n",
                "the name must be like 999999999SWITCHHOLD07022010.txt (DUNS number, MMDDYYYY)",
            ),
            (
                "111111111SWITCHHOLD03022026.txt",
                "1,20260101\n",
                "no TDSP has or had the DUNS number 111111111; see manage.py market list-tdsps",
            ),
            (
                "1039940674000SWITCHHOLD03022026.txt",
                "\n",
                "holds no ESI ID that can be read: no hold is taken away by it",
            ),
        ],
    )
    def test_refuses_a_whole_file(self, tmp_path: Path, name: str, rows: str, told: str) -> None:
        _take(SAMPLE)
        path = tmp_path / name
        path.write_text(rows)

        assert _take(path).refusal == f"{path}: {told}"
        assert _held() == HELD

    def test_keeps_lists_as_they_came(self) -> None:
        _take(SAMPLE)

        with pytest.raises(ProgrammingError, match="permission denied"), transaction():
            SwitchHoldList.objects.update(held=0)

    def test_tells_by_command_what_was_not_taken(self, tmp_path: Path) -> None:
        path = _list(tmp_path, f"{HELD[0]},20260114\nX\n")
        out = StringIO()

        with pytest.raises(HoldListsRefused) as caught:
            call_command("market", "import-switch-holds", str(path), stdout=out)

        assert out.getvalue().splitlines()[1] == (
            f"{path}\t2\t1\t0\t1\tabsent ones keep their hold"
        )
        assert str(caught.value) == (
            f"{path}:2: has 1 fields instead of 2 (ESI ID, start date)\n"
            "1 rows are in quarantine: manage.py market file-rows list"
        )


class TestRefusedRows:
    def test_are_tried_again_and_laid_aside(self, tmp_path: Path) -> None:
        _take(_list(tmp_path, f"{HELD[0]},20260114\n{HELD[1]};20260117\n{HELD[2]}\n"))
        mended, bad = RefusedFileRow.objects.order_by("line")
        # What a later version of the layout would accept.
        RefusedFileRow.objects.filter(pk=mended.pk).update(raw_row=f"{HELD[1]},20260117")

        assert retry_hold_rows(as_of=NOW) == (1, 1)
        assert _held() == HELD[:2]
        assert settle_file_rows(row_ids=[bad.pk], as_of=NOW, settlement="discarded") == 1
        with pytest.raises(UnknownFileRow, match=f"no open row has the number {bad.pk}"):
            settle_file_rows(row_ids=[bad.pk], as_of=NOW, settlement="discarded")
