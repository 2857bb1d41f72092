from __future__ import annotations

import datetime as dt

import pytest

from ossrep.kernel.periods import DatePeriod, InvalidPeriod

JULY = DatePeriod(dt.date(2026, 7, 1), dt.date(2026, 8, 1))


class TestDatePeriod:
    def test_counts_the_start_day_and_not_the_end_day(self) -> None:
        assert JULY.days == 31
        assert len(list(JULY.dates())) == 31
        assert JULY.start in JULY
        assert JULY.end not in JULY
        assert dt.date(2026, 6, 30) not in JULY

    @pytest.mark.parametrize("end", [dt.date(2026, 7, 1), dt.date(2026, 6, 30)])
    def test_refuses_an_end_that_does_not_come_after(self, end: dt.date) -> None:
        with pytest.raises(InvalidPeriod):
            DatePeriod(dt.date(2026, 7, 1), end)

    def test_of_a_day_ends_with_it(self) -> None:
        assert DatePeriod.of_day(dt.date(2026, 6, 30)) == DatePeriod(
            dt.date(2026, 6, 30), dt.date(2026, 7, 1)
        )

    def test_refuses_the_day_that_none_follows(self) -> None:
        with pytest.raises(InvalidPeriod, match="no day follows 9999-12-31"):
            DatePeriod.of_day(dt.date.max)

    @pytest.mark.parametrize(
        ("start", "end", "shared"),
        [
            (dt.date(2026, 6, 1), dt.date(2026, 7, 1), False),
            (dt.date(2026, 6, 1), dt.date(2026, 7, 2), True),
            (dt.date(2026, 8, 1), dt.date(2026, 9, 1), False),
            (dt.date(2026, 7, 31), dt.date(2026, 9, 1), True),
        ],
    )
    def test_overlaps_where_a_day_is_shared(
        self, start: dt.date, end: dt.date, shared: bool
    ) -> None:
        other = DatePeriod(start, end)

        assert JULY.overlaps(other) is shared
        assert other.overlaps(JULY) is shared

    def test_reads_as_its_dates(self) -> None:
        assert str(JULY) == "2026-07-01..2026-08-01"
