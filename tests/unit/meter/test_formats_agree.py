"""The fast and the careful way give the same days and the same refusals, cut as one likes."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from ossrep.kernel.market_time import MARKET_ZONE, intervals_in_day
from tests.factories.interval_files import (
    FALL_DAY,
    NORMAL_DAY,
    SPRING_DAY,
    ADay,
    SmtStyle,
    esi_id,
    interval_csv,
    lse,
    smt_csv,
)
from tests.unit.meter.reading import days_of, read, refusals_of

LONG_ESI_ID = "1008901000000000000001"


@st.composite
def days(draw: st.DrawFn, *, can_miss: bool = False) -> ADay:
    date = draw(st.sampled_from([NORMAL_DAY, SPRING_DAY, FALL_DAY, dt.date(2026, 2, 19)]))
    count = intervals_in_day(date)
    base = draw(st.integers(0, 40_000))
    step = draw(st.sampled_from([0, 1, 7, 250]))
    wh = [base + step * (i % 5) for i in range(count)]
    if can_miss and draw(st.booleans()):
        wh[draw(st.integers(0, count - 1))] = -1
    quality = "A"
    if draw(st.booleans()):
        letters = ["A"] * count
        letters[draw(st.integers(0, count - 1))] = "E"
        quality = "".join(letters)
    readings = draw(st.sampled_from([None, ("100.0000", "128.1690"), ("5", "4"), ("0", "12.3")]))
    known = dt.datetime(2026, 3, 9, tzinfo=MARKET_ZONE) + draw(
        st.integers(0, 400_000).map(lambda s: dt.timedelta(seconds=s))
    )
    return ADay(
        esi_id=draw(st.sampled_from([esi_id(1), esi_id(2), LONG_ESI_ID])),
        date=date,
        direction=draw(st.sampled_from(["import", "export"])),
        known_at=known,
        wh=wh,
        quality=quality,
        readings=readings,
    )


def unlike(found: list[ADay]) -> list[ADay]:
    """Days of which no two share ESI ID, date and direction."""
    return list({(day.esi_id, day.date, day.direction): day for day in found}.values())


styles = st.builds(
    SmtStyle,
    newline=st.sampled_from(["\n", "\r\n"]),
    quote=st.sampled_from(["'", ""]),
    padded=st.booleans(),
    trim_zeros=st.booleans(),
    bom=st.booleans(),
)
pieces = st.lists(st.integers(0, 60_000), max_size=6)


def harmed(data: bytes, places: list[tuple[int, bytes]]) -> bytes:
    """The file with a few bytes overwritten, anywhere after the first line."""
    first = data.index(b"\n") + 1
    changed = bytearray(data)
    for place, other in places:
        at = first + place % max(len(data) - first, 1)
        changed[at : at + len(other)] = other
    return bytes(changed)


harm = st.lists(
    st.tuples(
        st.integers(0, 200_000),
        st.sampled_from(
            [b",", b"\n", b"x", b"-", b"9", b"", b"E", b"\r\n", b"'", b"\xff", b"0.1,"]
        ),
    ),
    min_size=1,
    max_size=5,
)


class TestBothWays:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(days(), min_size=1, max_size=5).map(unlike), styles, pieces)
    def test_read_whole_portal_files_alike(
        self, given_days: list[ADay], style: SmtStyle, cuts: list[int]
    ) -> None:
        data = smt_csv(given_days, style)

        fast, careful = read(data, cuts=cuts), read(data, careful=True)

        assert refusals_of(fast) == refusals_of(careful) == []
        assert days_of(fast) == days_of(careful)
        assert len(days_of(fast)) == len(given_days)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(days(), min_size=1, max_size=3).map(unlike), styles, pieces, harm)
    def test_read_harmed_portal_files_alike(
        self,
        given_days: list[ADay],
        style: SmtStyle,
        cuts: list[int],
        places: list[tuple[int, bytes]],
    ) -> None:
        data = harmed(smt_csv(given_days, style), places)

        fast, careful = read(data, cuts=cuts), read(data, careful=True)

        assert days_of(fast) == days_of(careful)
        assert refusals_of(fast) == refusals_of(careful)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(days(), min_size=1, max_size=5),
        st.sampled_from(["\n", "\r\n"]),
        st.booleans(),
        pieces,
    )
    def test_read_whole_lse_files_alike(
        self, given_days: list[ADay], newline: str, last_comma: bool, cuts: list[int]
    ) -> None:
        data = lse(given_days, newline=newline, last_comma=last_comma)

        fast, careful = read(data, cuts=cuts), read(data, careful=True)

        assert refusals_of(fast) == refusals_of(careful) == []
        assert days_of(fast) == days_of(careful)
        assert len(days_of(fast)) == len(given_days)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(days(), min_size=1, max_size=3), pieces, harm)
    def test_read_harmed_lse_files_alike(
        self, given_days: list[ADay], cuts: list[int], places: list[tuple[int, bytes]]
    ) -> None:
        data = harmed(lse(given_days), places)

        fast, careful = read(data, cuts=cuts), read(data, careful=True)

        assert days_of(fast) == days_of(careful)
        assert refusals_of(fast) == refusals_of(careful)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(days(can_miss=True), min_size=1, max_size=5),
        st.sampled_from(["\n", "\r\n"]),
        st.booleans(),
        pieces,
    )
    def test_read_whole_interval_csv_alike(
        self, given_days: list[ADay], newline: str, pad: bool, cuts: list[int]
    ) -> None:
        data = interval_csv(given_days, newline=newline, pad=pad)

        fast, careful = read(data, cuts=cuts), read(data, careful=True)

        assert refusals_of(fast) == refusals_of(careful) == []
        assert days_of(fast) == days_of(careful)
        assert len(days_of(fast)) == len(given_days)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(days(can_miss=True), min_size=1, max_size=3), st.booleans(), pieces, harm)
    def test_read_harmed_interval_csv_alike(
        self, given_days: list[ADay], pad: bool, cuts: list[int], places: list[tuple[int, bytes]]
    ) -> None:
        data = harmed(interval_csv(given_days, pad=pad), places)

        fast, careful = read(data, cuts=cuts), read(data, careful=True)

        assert days_of(fast) == days_of(careful)
        assert refusals_of(fast) == refusals_of(careful)
