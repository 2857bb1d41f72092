"""Interval files become stored days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossrep.meter.domain.revisions import Outcome
from tests.factories.interval_files import (
    ESI_ID,
    FALL_DAY,
    NORMAL_DAY,
    SPRING_DAY,
    ADay,
    esi_id,
    interval_csv,
    lse,
    smt_csv,
)
from tests.integration.meter.importing import (
    count_rows,
    current_values,
    import_bytes,
    known_esi_ids,
    run_import,
)

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _customers() -> Iterator[None]:
    with known_esi_ids():
        yield


class TestImportFile:
    @pytest.mark.parametrize(("write", "name"), [(smt_csv, "a.csv"), (lse, "a.lse")])
    @pytest.mark.parametrize("date", [NORMAL_DAY, SPRING_DAY, FALL_DAY])
    def test_stores_the_days_of_each_format(
        self, tmp_path: Path, write: object, name: str, date: dt.date
    ) -> None:
        days = [
            ADay(date=date),
            ADay(date=date, direction="export"),
            ADay(date=date, esi_id=esi_id(2)),
        ]

        report = import_bytes(tmp_path, name, write(days))  # type: ignore[operator]

        assert report.error == ""
        assert report.tally.outcomes == {Outcome.ACCEPTED: 3}
        values = current_values()
        assert values[ESI_ID, date, 0] == (days[0].values(), days[0].letters())
        assert len(values) == 3

    def test_stores_our_own_format_with_missing_values(self, tmp_path: Path) -> None:
        wh = [100] * 92
        wh[7] = -1

        report = import_bytes(tmp_path, "a.csv", interval_csv([ADay(date=SPRING_DAY, wh=wh)]))

        assert report.tally.outcomes == {Outcome.ACCEPTED: 1}
        values, letters = current_values()[ESI_ID, SPRING_DAY, 0]
        assert values == [100] * 7 + [-(2**31)] + [100] * 84
        assert letters == "A" * 7 + "M" + "A" * 84
        assert report.tally.failed_rules == {"gap": 1, "stuck": 1}

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(smt_csv([ADay(), ADay(esi_id=esi_id(2))]))
        run_import(tmp_path)
        before = count_rows("interval_day")

        (report,) = run_import(tmp_path)

        assert report.tally.outcomes == {Outcome.UNCHANGED: 2}
        assert count_rows("interval_day") == before == 2
