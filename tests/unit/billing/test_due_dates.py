"""When an invoice is due."""

from __future__ import annotations

import datetime as dt

import holidays
import pytest

from ossrep.billing.domain.due_dates import due_date, federal_holidays


class TestDueDate:
    @pytest.mark.parametrize(
        ("issued", "due"),
        [
            ("2026-07-09", "2026-07-27"),  # the 16th day is a Saturday
            ("2026-07-08", "2026-07-24"),  # a Friday
            ("2026-06-17", "2026-07-06"),  # Friday 3 July: Independence Day observed
            ("2026-12-09", "2026-12-28"),  # Christmas, then a weekend
            ("2026-11-10", "2026-11-27"),  # Thanksgiving
        ],
    )
    def test_is_16_days_later_or_the_next_business_day(self, issued: str, due: str) -> None:
        assert due_date(dt.date.fromisoformat(issued)) == dt.date.fromisoformat(due)


class TestFederalHolidays:
    @pytest.mark.parametrize("year", range(2015, 2061))
    def test_are_the_weekdays_that_a_library_of_holidays_knows(self, year: int) -> None:
        known = holidays.country_holidays("US", years=year)

        assert {d for d in federal_holidays(year) if d.weekday() < 5} == {
            d for d in known if d.weekday() < 5
        }
