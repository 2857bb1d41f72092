"""When an invoice is due."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.billing.domain.due_dates import due_date


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
