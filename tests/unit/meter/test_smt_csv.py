"""SMT's portal CSV: what is read, and why something is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ossrep.kernel.market_time import MARKET_ZONE
from tests.factories.interval_files import (
    ESI_ID,
    FALL_DAY,
    NORMAL_DAY,
    SMT_HEADER,
    SPRING_DAY,
    ADay,
    SmtStyle,
    esi_id,
    smt_csv,
    smt_rows,
)
from tests.unit.meter.reading import days_of, read, refusals_of

BOTH_WAYS = pytest.mark.parametrize("careful", [False, True])


def a_file(rows: list[str]) -> bytes:
    return "\n".join([SMT_HEADER, *rows, ""]).encode()


@BOTH_WAYS
class TestReadingDays:
    def test_takes_time_and_values_from_the_rows(self, careful: bool) -> None:
        day = ADay(known_at=dt.datetime(2026, 2, 19, 6, 22, 5, tzinfo=MARKET_ZONE))

        (found,) = days_of(read(smt_csv([day]), careful=careful))

        assert found.esi_id == ESI_ID
        assert found.date == NORMAL_DAY
        assert found.direction == 0
        assert found.source_time == dt.datetime(2026, 2, 19, 12, 22, 5, tzinfo=dt.UTC)
        assert found.line == 2
        assert list(found.wh) == day.values()
        assert found.register_wh == -1

    def test_takes_files_saved_by_a_spreadsheet(self, careful: bool) -> None:
        style = SmtStyle(padded=False, trim_zeros=True, newline="\r\n", bom=True)
        day = ADay(wh=[0, 10, 100, 1000, 10_000, 1_234] * 16)

        (found,) = days_of(read(smt_csv([day], style), careful=careful))

        assert list(found.wh) == day.values()
        # The spreadsheet drops the seconds.
        assert found.source_time == dt.datetime(2026, 2, 20, 3, 30, tzinfo=dt.UTC)

    def test_takes_quoted_cells(self, careful: bool) -> None:
        plain = smt_csv([ADay()]).decode()
        quoted = "\n".join(
            ",".join(f'"{cell}"' for cell in row.split(",")) for row in plain.splitlines()
        )

        assert days_of(read(quoted.encode(), careful=careful)) == days_of(read(plain.encode()))

    @pytest.mark.parametrize("text", ["Surplus Generation", "surplus generation"])
    def test_takes_surplus_generation_as_export(self, careful: bool, text: str) -> None:
        data = smt_csv([ADay(direction="export")], SmtStyle(surplus_text=text))

        (found,) = days_of(read(data, careful=careful))

        assert found.direction == 1

    def test_takes_rows_of_both_directions_in_turns(self, careful: bool) -> None:
        used, fed = ADay(), ADay(direction="export", wh=[7] * 96)
        turns = [row for pair in zip(smt_rows(used), smt_rows(fed), strict=True) for row in pair]

        found = days_of(read(a_file(turns), careful=careful))

        assert [(day.direction, list(day.wh)) for day in found] == [
            (0, used.values()),
            (1, fed.values()),
        ]

    def test_takes_the_rows_of_a_day_in_any_order(self, careful: bool) -> None:
        day = ADay(date=SPRING_DAY)
        others = smt_rows(ADay(esi_id=esi_id(2)))
        rows = smt_rows(day)[::-1]

        found = days_of(read(a_file([*rows[:40], *others, *rows[40:]]), careful=careful))

        assert [list(d.wh) for d in found if d.esi_id == ESI_ID] == [day.values()]

    def test_gives_the_repeated_hour_of_fall_in_the_order_of_its_rows(self, careful: bool) -> None:
        day = ADay(date=FALL_DAY, wh=range(100))

        (found,) = days_of(read(smt_csv([day]), careful=careful))

        assert list(found.wh) == list(range(100))

    def test_takes_either_clock_at_the_end_before_spring_change(self, careful: bool) -> None:
        rows = smt_rows(ADay(date=SPRING_DAY))
        by_new_clock = [row.replace("01:45,02:00", "01:45,03:00") for row in rows]

        assert days_of(read(a_file(by_new_clock), careful=careful)) == days_of(read(a_file(rows)))

    def test_takes_rows_sorted_by_time_of_day(self, careful: bool) -> None:
        each = [ADay(esi_id=esi_id(i), wh=[i] * 96) for i in range(1, 6)]
        by_time = [row for rows in zip(*map(smt_rows, each), strict=True) for row in rows]

        parsed = read(a_file(by_time), careful=careful)

        assert [(day.esi_id, list(day.wh)) for day in days_of(parsed)] == [
            (day.esi_id, day.values()) for day in each
        ]
        assert parsed.refusals == []

    def test_takes_the_later_time_where_rows_of_a_day_differ(self, careful: bool) -> None:
        later = dt.datetime(2026, 2, 21, 5, tzinfo=MARKET_ZONE)
        rows = smt_rows(ADay())[:50] + smt_rows(ADay(known_at=later))[50:]

        (found,) = days_of(read(a_file(rows), careful=careful))

        assert found.source_time == later.astimezone(dt.UTC)


def changed(column: int, value: str, row: int = 9) -> list[str]:
    """The rows of a day with one cell changed."""
    rows = smt_rows(ADay())
    cells = rows[row].split(",")
    cells[column] = value
    rows[row] = ",".join(cells)
    return rows


@BOTH_WAYS
class TestRefusing:
    @pytest.mark.parametrize(
        ("column", "value", "reason", "text"),
        [
            (2, "02/19/2026 25:00:00", "bad_source_time", "line 11: '02/19/2026 25:00:00' is no"),
            (2, "yesterday", "bad_source_time", "line 11: 'yesterday' is not a time"),
            (3, "02:07", "bad_time", "line 11: 2026-02-18 has no quarter hour from 02:07"),
            (3, "xx", "bad_time", "line 11: 'xx' is not a time HH:MM"),
            (4, "02:45", "bad_time", "line 11: from 02:15 to 02:45 is no quarter hour"),
            (5, "abc", "not_a_number", "line 11: 'abc' is not a number of kWh"),
            (5, "", "not_a_number", "line 11: the value is empty"),
            (5, "NaN", "not_a_number", "line 11: 'NaN' is not a number of kWh"),
            (5, "0.1234", "too_many_decimals", "line 11: '0.1234' kWh has more than three"),
            (5, "-0.5", "negative", "line 11: '-0.5' kWh is negative"),
            (6, "X", "bad_quality", "line 11: 'X' is neither A nor E"),
        ],
    )
    def test_refuses_the_day_of_a_bad_cell_with_its_line(
        self, careful: bool, column: int, value: str, reason: str, text: str
    ) -> None:
        good = smt_rows(ADay(esi_id=esi_id(2)))

        parsed = read(a_file([*changed(column, value), *good]), careful=careful)

        assert [day.esi_id for day in days_of(parsed)] == [esi_id(2)]
        ((found, first, last, message),) = refusals_of(parsed)
        assert (found, first, last) == (reason, 2, 97)
        assert message.startswith(text)
        assert parsed.refusals[0].raw.count(b"\n") == 95

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            (0, "'123", "malformed_esi_id"),
            (1, "02/30/2026", "bad_date"),
            (7, "Sideways", "bad_direction"),
        ],
    )
    def test_refuses_a_row_that_belongs_nowhere_and_the_day_it_leaves_short(
        self, careful: bool, column: int, value: str, reason: str
    ) -> None:
        parsed = read(a_file(changed(column, value)), careful=careful)

        assert days_of(parsed) == []
        assert {found[0] for found in refusals_of(parsed)} == {reason, "wrong_interval_count"}
        assert [r.message for r in parsed.refusals if r.reason == "wrong_interval_count"] == [
            "95 quarter hours where 2026-02-18 has 96: 02:15 is absent"
        ]

    def test_refuses_a_row_with_fields_too_few(self, careful: bool) -> None:
        rows = smt_rows(ADay())
        rows[3] = "'1044,02/18/2026"

        parsed = read(a_file(rows), careful=careful)

        assert [found[:3] for found in refusals_of(parsed)] == [
            ("wrong_field_count", 5, 5),
            ("wrong_interval_count", 2, 97),
        ]

    @pytest.mark.parametrize(
        ("date", "count"), [(SPRING_DAY, 96), (FALL_DAY, 96), (NORMAL_DAY, 92), (NORMAL_DAY, 100)]
    )
    def test_refuses_the_wrong_number_of_quarter_hours(
        self, careful: bool, date: dt.date, count: int
    ) -> None:
        source = {92: SPRING_DAY, 96: NORMAL_DAY, 100: FALL_DAY}[count]
        rows = smt_rows(replace(ADay(date=source)))
        moved = [row.replace(f"{source:%m/%d/%Y},", f"{date:%m/%d/%Y},", 1) for row in rows]

        parsed = read(a_file(moved), careful=careful)

        assert days_of(parsed) == []
        assert len(parsed.refusals) == 1
        expected = (
            "wrong_interval_count"
            if count < {NORMAL_DAY: 96, FALL_DAY: 100}.get(date, 0)
            else {SPRING_DAY: "bad_time", NORMAL_DAY: "repeated_interval"}[date]
        )
        assert parsed.refusals[0].reason == expected

    def test_refuses_a_day_that_stands_there_twice_in_one_run(self, careful: bool) -> None:
        parsed = read(a_file(smt_rows(ADay()) * 2), careful=careful)

        assert days_of(parsed) == []
        assert [found[:3] for found in refusals_of(parsed)] == [("repeated_interval", 2, 193)]

    def test_refuses_the_day_a_truncated_file_ends_in(self, careful: bool) -> None:
        data = smt_csv([ADay(esi_id=esi_id(2)), ADay()])[:-520]

        parsed = read(data, careful=careful)

        assert [day.esi_id for day in days_of(parsed)] == [esi_id(2)]
        assert {reason for reason, *_ in refusals_of(parsed)} == {
            "wrong_field_count",
            "wrong_interval_count",
        }
