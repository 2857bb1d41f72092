"""ERCOT LSE files: what is read, and why something is not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.factories.interval_files import ESI_ID, NORMAL_DAY, ADay, esi_id, lse, lse_rows
from tests.unit.meter.reading import Day, days_of, read, refusals_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "meter"
LONG_ESI_ID = "1008901000000000000001"
BOTH_WAYS = pytest.mark.parametrize("careful", [False, True])


def summed(found: list[Day]) -> dict[tuple[str, int], tuple[int, int]]:
    return {(d.esi_id, d.direction): (len(d.wh), sum(d.wh)) for d in found}


@BOTH_WAYS
class TestConstructedFiles:
    def test_first_read_of_a_day(self, careful: bool) -> None:
        data = (FIXTURES / "1039940674000IntervalData20260219223015001.lse").read_bytes()

        found = days_of(read(data, careful=careful))

        assert summed(found) == {
            ("10443720000000001", 0): (96, 27_960),
            ("10443720000000002", 0): (96, 25_464),
            ("10443720000000002", 1): (96, 17_639),
        }
        first = found[0]
        assert first.quality == "A" * 20 + "E" * 6 + "A" * 70
        assert first.wh[51:56] == (first.wh[51], 0, 0, 0, 282)
        assert first.wh[51] > 0
        assert first.register_wh == 27_960
        assert found[1].register_wh == -1
        assert first.source_time == dt.datetime(2026, 2, 20, 3, 30, 15, tzinfo=dt.UTC)

    def test_second_read_of_the_day(self, careful: bool) -> None:
        data = (FIXTURES / "1039940674000IntervalData20260220221000004.lse").read_bytes()

        (found,) = days_of(read(data, careful=careful))

        assert (sum(found.wh), found.quality) == (28_169, "A" * 96)
        assert found.source_time == dt.datetime(2026, 2, 21, 2, 30, tzinfo=dt.UTC)

    def test_spring_change(self, careful: bool) -> None:
        data = (FIXTURES / "957877905IntervalData20260309221500002.lse").read_bytes()

        found = days_of(read(data, careful=careful))

        assert summed(found) == {(LONG_ESI_ID, 0): (92, 111_670), (LONG_ESI_ID, 1): (92, 12_000)}
        assert found[0].wh[4:12] == (100, 115, 130, 145, 300, 315, 330, 345)

    def test_fall_change(self, careful: bool) -> None:
        data = (FIXTURES / "957877905IntervalData20261102220500003.lse").read_bytes()

        found = days_of(read(data, careful=careful))

        assert summed(found) == {(LONG_ESI_ID, 0): (100, 133_050), (LONG_ESI_ID, 1): (100, 12_000)}
        assert found[0].wh[4:12] == (100, 115, 130, 145, 5100, 5115, 5130, 5145)


@BOTH_WAYS
class TestReading:
    def test_takes_readings_with_a_multiplier(self, careful: bool) -> None:
        rows = lse_rows(ADay(readings=("100.5", "112.3456")))
        rows[1] = rows[1].replace("112.3456,1,", "112.3456,40,")

        (found,) = days_of(read("\n".join(rows).encode(), careful=careful))

        assert found.register_wh == 473_824

    def test_takes_a_register_that_ran_over_as_none(self, careful: bool) -> None:
        (found,) = days_of(read(lse([ADay(readings=("99999", "12"))]), careful=careful))

        assert found.register_wh == -1

    def test_passes_over_empty_lines_between_blocks(self, careful: bool) -> None:
        data = lse([ADay()]) + b"\n\n" + lse([ADay(esi_id=esi_id(2))]) + b"\n"

        parsed = read(data, careful=careful)

        assert (len(days_of(parsed)), parsed.refusals) == (2, [])


def changed(row: int, old: str, new: str) -> bytes:
    """A good block, a block with one row changed, a good block."""
    rows = lse_rows(ADay())
    assert old in rows[row]
    rows[row] = rows[row].replace(old, new, 1)
    text = "\n".join([*rows, ""]).encode()
    return lse([ADay(esi_id=esi_id(2))]) + text + lse([ADay(esi_id=esi_id(3))])


@BOTH_WAYS
class TestRefusing:
    @pytest.mark.parametrize(
        ("row", "old", "new", "reason", "text"),
        [
            (0, ESI_ID, "12", "malformed_esi_id", "line 30: '12' is not an ESI ID"),
            (0, ",4,", ",7,", "bad_direction", "line 30: channel '7' is neither 1"),
            (
                0,
                "20260218000000",
                "20260231000000",
                "bad_date",
                "line 30: '20260231' is not a date",
            ),
            (0, "000000,", "001500,", "bad_time", "line 30: '20260218001500' to"),
            (0, ",Y,", ",N,", "bad_time", "line 30: the values do not take part"),
            (0, ",N", ",Y", "marked_invalid", "line 30: the sender marks the record"),
            (1, "900", "3600", "bad_block", "line 31: seconds per interval '3600' is not"),
            (1, ",01,", ",03,", "bad_block", "line 31: unit '03' is not"),
            (1, "CST", "EST", "bad_block", "line 31: zone 'EST' is not"),
            (1, ",,,,,,,", ",,,,,,", "bad_block", "line 31: row 00000002 has 13 fields"),
            (2, "00000003", "00000005", "bad_block", "line 32: '00000005' stands where"),
            (3, ",M", ",X", "bad_block", "line 30: origin 'X' is not M"),
            (3, "2130", "2961", "bad_source_time", "line 30: '20260219296115' is no time"),
            (4, "ATTRIBUTE", "ATTRIBUTES", "bad_block", "line 34: 'ATTRIBUTES_VALUE_PAIRS'"),
            (5, "10000000", "10000001", "bad_block", "line 35: '10000001' stands where"),
            (6, ",A,,", ",B,,", "bad_quality", "line 36: 'B' is neither A nor E"),
            (6, ",A,,", ",A,9,", "bad_block", "line 36: '9' stands in a field kept empty"),
            (6, ",0.1", ",-0.1", "negative", "line 36: '-0.104' kWh is negative"),
            (6, ",0.104", ",0.1044", "too_many_decimals", "line 36: '0.1044' kWh has more"),
            (6, ",0.104", ",NaN", "not_a_number", "line 36: 'NaN' is not a number"),
            (6, ",0.104", ",", "not_a_number", "line 36: the value is empty"),
            (6, "10000001,", "", "bad_block", "line 36: '0.104' stands where"),
        ],
    )
    def test_refuses_a_block_with_its_row_and_goes_on(
        self, careful: bool, row: int, old: str, new: str, reason: str, text: str
    ) -> None:
        parsed = read(changed(row, old, new), careful=careful)

        assert [day.esi_id for day in days_of(parsed)] == [esi_id(2), esi_id(3)]
        ((found, first, last, message),) = refusals_of(parsed)
        assert (found, first, last) == (reason, 30, 58)
        assert message.startswith(text)

    def test_refuses_a_block_with_too_few_rows(self, careful: bool) -> None:
        rows = lse_rows(ADay())[:-1] + lse_rows(ADay(esi_id=esi_id(2)))

        parsed = read("\n".join(rows).encode(), careful=careful)

        assert [day.esi_id for day in days_of(parsed)] == [esi_id(2)]
        assert refusals_of(parsed) == [
            (
                "wrong_interval_count",
                1,
                28,
                f"line 1: 92 quarter hours where {NORMAL_DAY} has 96",
            )
        ]

    def test_says_that_a_file_seems_to_be_cut_off(self, careful: bool) -> None:
        data = "\n".join(lse_rows(ADay())[:20]).encode()

        ((reason, _, _, message),) = refusals_of(read(data, careful=careful))

        assert reason == "wrong_interval_count"
        assert message.endswith(
            "60 quarter hours where 2026-02-18 has 96; the file seems to be cut off"
        )

    def test_refuses_a_row_cut_in_the_middle(self, careful: bool) -> None:
        parsed = read(lse([ADay(esi_id=esi_id(2)), ADay()])[:-13], careful=careful)

        assert [day.esi_id for day in days_of(parsed)] == [esi_id(2)]
        assert [found[0] for found in refusals_of(parsed)] == ["wrong_field_count"]
