"""Our own interval CSV, and which format a file has."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.meter.domain.formats.detection import UnknownFormat, detect
from ossrep.meter.domain.formats.wide_csv import line_of
from tests.factories.interval_files import (
    FALL_DAY,
    NORMAL_DAY,
    SMT_HEADER,
    SPRING_DAY,
    ADay,
    esi_id,
    interval_csv,
    lse,
)
from tests.unit.meter.reading import days_of, read, refusals_of

BOTH_WAYS = pytest.mark.parametrize("careful", [False, True])
HEADER = "esi_id,date,direction,as_of,quality,kwh_1"


def a_line(**changes: str) -> str:
    cells = {
        "esi_id": esi_id(1),
        "date": "2026-02-18",
        "direction": "import",
        "as_of": "2026-02-19T22:30:15-06:00",
        "quality": "A",
        "values": ",".join(["0.250"] * 96),
    }
    return ",".join({**cells, **changes}.values())


def a_file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


@BOTH_WAYS
class TestReading:
    @pytest.mark.parametrize("date", [NORMAL_DAY, SPRING_DAY, FALL_DAY])
    @pytest.mark.parametrize("pad", [False, True])
    def test_takes_days_of_every_length(self, careful: bool, date: dt.date, pad: bool) -> None:
        day = ADay(date=date)

        (found,) = days_of(read(interval_csv([day], pad=pad), careful=careful))

        assert list(found.wh) == day.values()

    def test_takes_an_empty_cell_as_missing(self, careful: bool) -> None:
        values = ["0.25"] * 95 + [""]

        (found,) = days_of(read(a_file(a_line(values=",".join(values))), careful=careful))

        assert found.wh[94:] == (250, -(2**31))
        assert found.quality == "A" * 95 + "M"

    @pytest.mark.parametrize("text", ["2026-02-20T04:30:15Z", "2026-02-19T22:30:15-06:00"])
    def test_takes_any_offset(self, careful: bool, text: str) -> None:
        (found,) = days_of(read(a_file(a_line(as_of=text)), careful=careful))

        assert found.source_time == dt.datetime(2026, 2, 20, 4, 30, 15, tzinfo=dt.UTC)


@BOTH_WAYS
class TestRefusing:
    @pytest.mark.parametrize(
        ("changes", "reason", "text"),
        [
            ({"esi_id": "'10443720000000001"}, "malformed_esi_id", "is not an ESI ID"),
            ({"date": "02/18/2026"}, "bad_date", "is not a date YYYY-MM-DD"),
            ({"date": "20260218"}, "bad_date", "is not a date YYYY-MM-DD"),
            ({"direction": "in"}, "bad_direction", "'in' is neither import nor export"),
            ({"as_of": "2026-02-19T22:30:15"}, "bad_source_time", "lacks its offset from UTC"),
            ({"as_of": "yesterday"}, "bad_source_time", "is not an ISO 8601 time"),
            ({"quality": "AE"}, "bad_quality", "'AE' is not one letter A or E, nor 96 of them"),
            ({"quality": ""}, "bad_quality", "'' is not one letter"),
            ({"values": ",".join(["1"] * 92)}, "wrong_interval_count", "92 quarter hours where"),
            ({"values": ",".join(["1"] * 100)}, "wrong_interval_count", "100 quarter hours where"),
            ({"values": "1"}, "wrong_interval_count", "1 quarter hours where 2026-02-18 has 96"),
            ({"values": ",".join(["1"] * 95 + ["-1"])}, "negative", "'-1' kWh is negative"),
            ({"values": ",".join(["1"] * 95 + ["NaN"])}, "not_a_number", "'NaN' is not a number"),
            ({"values": ",".join(["1"] * 95 + ["1e3"])}, "not_a_number", "'1e3' is not a number"),
        ],
    )
    def test_refuses_a_line_and_goes_on(
        self, careful: bool, changes: dict[str, str], reason: str, text: str
    ) -> None:
        data = a_file(a_line(esi_id=esi_id(2)), a_line(**changes), a_line(esi_id=esi_id(3)))

        parsed = read(data, careful=careful)

        assert [day.esi_id for day in days_of(parsed)] == [esi_id(2), esi_id(3)]
        ((found, first, last, message),) = refusals_of(parsed)
        assert (found, first, last) == (reason, 3, 3)
        assert message.startswith("line 3: ")
        assert text in message


class TestLineOf:
    def test_gives_a_line_that_reads_as_the_same_day(self) -> None:
        wh = [12_345] * 99 + [-1]
        (block,) = read(interval_csv([ADay(date=FALL_DAY, wh=wh, quality="E")])).blocks

        again = read(HEADER.encode() + b"\n" + line_of(block=block, index=0))

        assert [block.wh.tolist() for block in again.blocks] == [block.wh.tolist()]
        assert again.blocks[0].source_times.tolist() == block.source_times.tolist()
        assert again.blocks[0].quality.tolist() == block.quality.tolist()


class TestDetect:
    @pytest.mark.parametrize(
        ("head", "name"),
        [
            (SMT_HEADER.encode() + b"\n", "smt_csv"),
            (b"\xef\xbb\xbf" + SMT_HEADER.encode() + b"\r\n", "smt_csv"),
            (lse([ADay()]), "lse"),
            (b"\xef\xbb\xbf" + lse([ADay()]), "lse"),
            (b"esi_id,date,direction,as_of,quality,00:00,00:15\n", "interval_csv"),
        ],
    )
    def test_tells_the_format_by_the_first_line(self, head: bytes, name: str) -> None:
        assert detect(head).format == name

    @pytest.mark.parametrize(
        ("head", "message"),
        [
            (b"", "the file is empty, or its first line is"),
            (b"\n", "the file is empty, or its first line is"),
            (SMT_HEADER.encode("utf-16"), "the text is UTF-16; save it as UTF-8"),
            (
                SMT_HEADER.replace("USAGE_KWH", "KWH").encode(),
                "column 6 is 'KWH'; SMT's portal CSV has USAGE_KWH there",
            ),
            (
                SMT_HEADER.encode() + b",EXTRA",
                "9 columns; SMT's portal CSV has 8",
            ),
            (b"esi_id,day,direction", "column 2 is 'day'; our CSV has date there"),
            (b"%PDF-1.7 binary", "begins with '%PDF-1.7binary'; expected the header"),
        ],
    )
    def test_says_what_is_wrong_with_another_header(self, head: bytes, message: str) -> None:
        with pytest.raises(UnknownFormat) as refused:
            detect(head)

        assert message in str(refused.value)
