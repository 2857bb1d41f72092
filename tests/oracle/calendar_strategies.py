"""Strategies of time-of-use calendars whose buckets do not overlap.

The day is cut into slices, for each group of day types and each season by itself; each slice goes
to one bucket or to none. So two buckets can never hold the same minute of the same day.
"""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import strategies as st

from tests.oracle.building import bucket, window
from tests.oracle.documents import Document
from tests.oracle.market_days import Period
from tests.oracle.number_strategies import plan_prices

Draw = st.DrawFn
Slice = tuple[int, int]
BUCKETS = ("peak", "shoulder", "night")
DAY_GROUPS: tuple[tuple[list[str] | None, ...], ...] = (
    (None,),
    (["weekday"], ["weekend", "holiday"]),
    (["weekday", "holiday"], ["weekend"]),
    (["weekday"], ["weekend"], ["holiday"]),
)
SEASON_GROUPS: tuple[tuple[list[Document] | None, ...], ...] = (
    (None,),
    ([{"from": "06-01", "to": "09-30"}], [{"from": "10-01", "to": "05-31"}]),
    ([{"from": "11-15", "to": "02-29"}],),
    ([{"from": "03-08", "to": "03-08"}, {"from": "11-01", "to": "11-01"}],),
)
CUTS = (0, 60, 120, 135, 180, 360, 420, 839, 840, 1200, 1320, 1425, 1439)
END_OF_DAY = 1440


@st.composite
def time_of_use_fields(draw: Draw, *, period: Period, shared: Document) -> Document:
    """The fields of a time-of-use component; a named calendar is put into `shared`."""
    windows = draw(_windows_of_buckets())
    holidays = draw(_holidays(period, shared))
    by_name = draw(st.booleans())
    prices = {name: draw(plan_prices()) for name in (*windows, "rest")}
    calendar: Document = {
        "buckets": [
            bucket(name, None if by_name else prices[name], *held) for name, held in windows.items()
        ],
        "otherwise": bucket("rest", None if by_name else prices["rest"]),
    }
    if holidays is not None:
        calendar["holidays"] = holidays
    if not by_name:
        return calendar
    name = f"calendar_{len(shared['calendars'])}"
    shared["calendars"][name] = calendar
    return {"calendar": name, "prices": prices}


@st.composite
def _holidays(draw: Draw, period: Period, shared: Document) -> str | list[str] | None:
    if not draw(st.booleans()):
        return None
    last = period.end - dt.timedelta(days=1)
    dates = draw(st.lists(st.dates(period.start, last).map(str), unique=True, max_size=3))
    if not draw(st.booleans()):
        return dates
    name = f"holidays_{len(shared['holidays'])}"
    shared["holidays"][name] = dates
    return name


@st.composite
def _windows_of_buckets(draw: Draw) -> dict[str, list[Document]]:
    windows: dict[str, list[Document]] = {}
    groups = itertools.product(
        draw(st.sampled_from(DAY_GROUPS)), draw(st.sampled_from(SEASON_GROUPS))
    )
    for days, seasons in groups:
        fields: Document = {}
        if days is not None:
            fields["days"] = days
        if seasons is not None:
            fields["seasons"] = seasons
        for name, (start, end) in draw(_slices()):
            held = window(_clock(start), _clock(end), **fields)
            windows.setdefault(name, []).append(held)
    if not windows:
        windows["peak"] = [window("00:00", "24:00")]
    for held_windows in windows.values():
        if draw(st.booleans()):
            held_windows.append(held_windows[0])
    return windows


@st.composite
def _slices(draw: Draw) -> list[tuple[str, Slice]]:
    cuts = sorted(draw(st.sets(st.sampled_from(CUTS), min_size=1, max_size=4)))
    slices: list[Slice] = list(itertools.pairwise(cuts))
    if cuts[0] == 0 or len(cuts) == 1:
        slices.append((cuts[-1], END_OF_DAY))
    else:
        slices.append((cuts[-1], cuts[0]))
    names = st.none() | st.sampled_from(BUCKETS)
    drawn = [(draw(names), each) for each in slices]
    return [(name, each) for name, each in drawn if name is not None]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
