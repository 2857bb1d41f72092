"""Rows of read calendars."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.domain.read_calendar_rows import ReadRow, ReadRowRefused, parse_read_row


class TestParseReadRow:
    def test_reads_a_row(self) -> None:
        assert parse_read_row(["ONCOR_ELEC", "07", "2026-11", " 2026-11-09"]) == ReadRow(
            "ONCOR_ELEC", "07", dt.date(2026, 11, 1), dt.date(2026, 11, 9)
        )

    @pytest.mark.parametrize("date", ["2026-10-22", "2026-12-10"])
    def test_accepts_a_read_ten_days_outside_its_month(self, date: str) -> None:
        assert parse_read_row(["X", "21", "2026-11", date]).read_date.isoformat() == date

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            (["X", "07", "2026-11"], "has 3 fields instead of 4"),
            (["", "07", "2026-11", "2026-11-09"], "the TDSP is missing"),
            (
                ["X", "", "2026-11", "2026-11-09"],
                "the read cycle must be 1 to 4 digits or letters, not ''",
            ),
            (
                ["X", "07", "2026-13", "2026-11-09"],
                "the month must be like 2026-11, not '2026-13'",
            ),
            (
                ["X", "07", "9999-12", "2026-11-09"],
                "the month must be like 2026-11, not '9999-12'",
            ),
            (
                ["X", "07", "2026-11", "11/09/2026"],
                "the read date must be like 2026-11-09, not '11/09/2026'",
            ),
            (
                ["X", "07", "2026-11", "2026-12-11"],
                "2026-12-11 is more than 10 days outside the month 2026-11",
            ),
            (
                ["X", "07", "2026-11", "2026-10-21"],
                "2026-10-21 is more than 10 days outside the month 2026-11",
            ),
        ],
    )
    def test_refuses_what_does_not_fit(self, fields: list[str], message: str) -> None:
        with pytest.raises(ReadRowRefused) as caught:
            parse_read_row(fields)

        assert str(caught.value) == message
