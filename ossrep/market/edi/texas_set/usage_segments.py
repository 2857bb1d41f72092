"""Segments of the 867s to usage and back: the guide engine, with a quick way for intervals.

An interval meter sends a QTY and a DTM for each quarter of an hour, six thousand segments a
month. They are taken out of the loops column by column before the guide table reads the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, cast

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.plan import Guide
from ossrep.market.edi.texas_set.guide.reading import read_segments
from ossrep.market.edi.texas_set.guide.tables import load_file
from ossrep.market.edi.texas_set.guide.writing import write_segments
from ossrep.market.edi.texas_set.intervals import (
    IntervalSeries,
    UnreadableValue,
    interval_minutes,
    read_ends,
    read_millionths,
    write_ends,
    write_millionths,
)
from ossrep.market.edi.texas_set.model import Stray, Transaction
from ossrep.market.edi.texas_set.unplaced import refuse_unplaced
from ossrep.market.edi.texas_set.usage import Usage, UsageLoop
from ossrep.market.edi.x12.model import Segment

_LOOP: Final = "PTD"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where an interval's parts stand (``intervals`` of the guide table)."""

    quantity_tag: str
    qualifier: int
    quantity: int
    unit: int
    end_tag: str
    end_code: str
    date: int
    time: int
    midnight: str
    rule: str

    @property
    def quantity_size(self) -> int:
        """Elements of the quantity's segment that the table knows, with the tag."""
        return max(self.qualifier, self.quantity, self.unit) + 1

    @property
    def end_size(self) -> int:
        """The same of the end's segment."""
        return max(self.date, self.time) + 1


@dataclass(slots=True)
class _Pairs:
    """The intervals of one loop: segments by twos, and where each pair stood."""

    quantities: list[Segment]
    ends: list[Segment]
    ordinals: Sequence[int]

    def quantity_column(self, index: int) -> list[str]:
        """One element of each quantity."""
        return [segment[index] for segment in self.quantities]

    def end_column(self, index: int) -> list[str]:
        """One element of each end."""
        return [segment[index] for segment in self.ends]


def read_usage(guide: Guide, segments: Sequence[Segment]) -> Transaction:
    """The usage of ST to SE; ``EdiError`` with the segment, its element and what was expected."""
    layout = _layout(guide.kind)
    rest, ordinals, pairs = _take_out(segments, layout)
    try:
        usage = read_segments(guide, rest)
    except EdiError as error:
        raise _moved(error, ordinals) from None
    assert isinstance(usage, Usage)
    if not any(pairs):
        return usage
    strays = list(usage.strays)
    loops = list(usage.loops)
    for index, found in enumerate(pairs):
        if found is not None:
            loops[index] = _with_series(loops[index], found, layout)
            strays += _strays(index + 1, found, layout)
    return replace(usage, loops=tuple(loops), strays=tuple(strays))


def _moved(error: EdiError, ordinals: Sequence[int]) -> EdiError:
    segment = error.fault.segment
    if segment is None or segment > len(ordinals):
        return error
    return EdiError(replace(error.fault, segment=ordinals[segment - 1]))


def _take_out(
    segments: Sequence[Segment], layout: _Layout
) -> tuple[Sequence[Segment], Sequence[int], list[_Pairs | None]]:
    """The other segments, where each of them stood (from 1), and the intervals of each loop."""
    starts = [index for index, segment in enumerate(segments) if segment and segment[0] == _LOOP]
    bounds = [*starts, len(segments)]
    rest: list[Segment] = list(segments[: bounds[0]])
    ordinals: list[int] = list(range(1, bounds[0] + 1))
    pairs: list[_Pairs | None] = []
    for start, end in itertools.pairwise(bounds):
        first = _first_pair(segments, start, end, layout)
        found = _even_run(segments, first, end, layout) if first < end else None
        if found is None:
            others, found = _scattered(segments, start, end, layout)
        else:
            stop = first + 2 * len(found.ends)
            others = [*range(start, first), *range(stop, end)]
        rest += [segments[index] for index in others]
        ordinals += [index + 1 for index in others]
        pairs.append(found)
    return rest, ordinals, pairs


def _is_pair(segments: Sequence[Segment], index: int, layout: _Layout) -> bool:
    following = segments[index + 1] if index + 1 < len(segments) else []
    return (
        len(following) > 1
        and following[0] == layout.end_tag
        and following[1] == layout.end_code
        and bool(segments[index])
        and segments[index][0] == layout.quantity_tag
    )


def _first_pair(segments: Sequence[Segment], start: int, end: int, layout: _Layout) -> int:
    for index in range(start, end):
        if _is_pair(segments, index, layout):
            return index
    return end


def _even_run(segments: Sequence[Segment], first: int, end: int, layout: _Layout) -> _Pairs | None:
    """The pairs from ``first`` to the loop's end when nothing else stands among them."""
    stop = end
    if len(segments[end - 1]) > 0 and segments[end - 1][0] == "SE":
        stop -= 1
    if (stop - first) % 2:
        return None
    found = _Pairs(
        list(segments[first:stop:2]),
        list(segments[first + 1 : stop : 2]),
        range(first + 1, stop + 1, 2),
    )
    if min(map(len, found.quantities)) < layout.quantity_size:
        return None
    if min(map(len, found.ends)) < layout.end_size:
        return None
    # Counting equal texts is quicker than hashing them.
    count = len(found.ends)
    is_even = (
        found.quantity_column(0).count(layout.quantity_tag) == count
        and found.end_column(0).count(layout.end_tag) == count
        and found.end_column(1).count(layout.end_code) == count
    )
    return found if is_even else None


def _scattered(
    segments: Sequence[Segment], start: int, end: int, layout: _Layout
) -> tuple[list[int], _Pairs | None]:
    """The same where other segments stand between, one by one."""
    others: list[int] = []
    places: list[int] = []
    index = start
    while index < end:
        if _is_pair(segments, index, layout) and index + 1 < end:
            places.append(index)
            index += 2
        else:
            others.append(index)
            index += 1
    if not places:
        return others, None
    quantities = [_padded(segments[place], layout.quantity_size) for place in places]
    ends = [_padded(segments[place + 1], layout.end_size) for place in places]
    return others, _Pairs(quantities, ends, [place + 1 for place in places])


def _padded(segment: Segment, size: int) -> Segment:
    return [*segment, *[""] * (size - len(segment))]


def _with_series(loop: UsageLoop, pairs: _Pairs, layout: _Layout) -> UsageLoop:
    units = pairs.quantity_column(layout.unit)
    if units.count(units[0]) != len(units):
        expected, found = "one unit for all intervals of a loop", " ".join(sorted(set(units)))
        raise _fault(pairs, 0, layout, layout.unit, expected, found)
    minutes = interval_minutes(loop.meter_type)
    try:
        millionths = read_millionths(pairs.quantity_column(layout.quantity))
    except UnreadableValue as error:
        raise _fault(
            pairs, error.index, layout, layout.quantity, error.expected, error.found
        ) from None
    try:
        end_minutes = read_ends(
            pairs.end_column(layout.date), pairs.end_column(layout.time), minutes
        )
    except UnreadableValue as error:
        raise _fault(
            pairs, error.index, layout, layout.date, error.expected, error.found, is_end=True
        ) from None
    series = IntervalSeries(
        unit=units[0],
        minutes=minutes,
        end_minutes=end_minutes,
        millionths=millionths,
        qualifiers=_qualifiers(pairs.quantity_column(layout.qualifier)),
    )
    return replace(loop, intervals=series)


def _qualifiers(found: list[str]) -> tuple[str, ...]:
    """One text object for all that are alike, which is the rule."""
    if found.count(found[0]) == len(found):
        return (found[0],) * len(found)
    return tuple(found)


def _fault(
    pairs: _Pairs,
    index: int,
    layout: _Layout,
    element: int,
    expected: str,
    found: str,
    *,
    is_end: bool = False,
) -> EdiError:
    return EdiError(
        Fault(
            code="element_value",
            message="an interval is not readable",
            tag=layout.end_tag if is_end else layout.quantity_tag,
            segment=pairs.ordinals[index] + is_end,
            element=element,
            rule=layout.rule,
            expected=expected,
            found=found,
        )
    )


def _strays(loop: int, pairs: _Pairs, layout: _Layout) -> Iterator[Stray]:
    """Elements of intervals that the table does not know, so that they are kept."""
    for tag, size, column in (
        (layout.quantity_tag, layout.quantity_size, pairs.quantities),
        (layout.end_tag, layout.end_size, pairs.ends),
    ):
        if max(map(len, column)) == size:
            continue
        for number, segment in enumerate(column, start=1):
            for element in range(size, len(segment)):
                if segment[element]:
                    yield Stray(_place(loop, tag, number), element, segment[element])


def _place(loop: int, tag: str, number: int) -> str:
    return f"{_LOOP}#{loop}/interval#{number}/{tag}"


def write_usage(guide: Guide, transaction: Transaction, *, control_number: str) -> list[Segment]:
    """ST to SE; the intervals of a loop stand at its end."""
    assert isinstance(transaction, Usage)
    refuse_unplaced(guide, transaction, besides={"intervals"})
    series = [loop.intervals for loop in transaction.loops]
    if not any(found is not None for found in series):
        return write_segments(guide, transaction, control_number=control_number)
    plain = replace(
        transaction, loops=tuple(replace(loop, intervals=None) for loop in transaction.loops)
    )
    layout = _layout(guide.kind)
    strays: dict[str, list[Stray]] = {}
    for stray in transaction.strays:
        strays.setdefault(stray.place, []).append(stray)
    written = _with_intervals(
        write_segments(guide, plain, control_number=control_number), transaction, layout, strays
    )
    written[-1] = ["SE", str(len(written)), control_number]
    return written


def _with_intervals(
    segments: list[Segment],
    usage: Usage,
    layout: _Layout,
    strays: dict[str, list[Stray]],
) -> list[Segment]:
    written: list[Segment] = []
    number = 0
    for segment in segments:
        if segment[0] in (_LOOP, "SE") and number:
            written += _write_series(number, usage.loops[number - 1], layout, strays)
        number += segment[0] == _LOOP
        written.append(segment)
    return written


def _write_series(
    number: int, loop: UsageLoop, layout: _Layout, strays: dict[str, list[Stray]]
) -> Iterator[Segment]:
    series = loop.intervals
    if series is None:
        return
    if series.minutes != interval_minutes(loop.meter_type):
        raise EdiError(
            Fault(
                code="element_value",
                message="intervals of another length than the meter type says",
                tag=layout.quantity_tag,
                rule=layout.rule,
                expected=f"{interval_minutes(loop.meter_type)} minutes",
                found=f"{series.minutes} minutes",
            )
        )
    ends = write_ends(series.end_minutes, midnight=layout.midnight)
    rows = zip(series.qualifiers, series.millionths, ends, strict=True)
    for index, (qualifier, value, (date, time)) in enumerate(rows, start=1):
        quantity = [layout.quantity_tag] + [""] * (layout.quantity_size - 1)
        quantity[layout.qualifier] = qualifier
        quantity[layout.quantity] = write_millionths(value)
        quantity[layout.unit] = series.unit
        end = [layout.end_tag, layout.end_code] + [""] * (layout.end_size - 2)
        end[layout.date], end[layout.time] = date, time
        for segment in (quantity, end):
            for stray in strays.get(_place(number, segment[0], index), ()) if strays else ():
                segment += [""] * (stray.element + 1 - len(segment))
                segment[stray.element] = stray.value
            yield segment


@lru_cache(maxsize=8)
def _layout(kind: str) -> _Layout:
    found = load_file(f"{kind}.yaml")["intervals"]
    table = cast("dict[str, dict[str, str]]", found)
    quantity, end = table["quantity"], table["end"]
    plain = cast("dict[str, str]", found)
    return _Layout(
        quantity_tag=quantity["segment"],
        qualifier=int(quantity["qualifier"]),
        quantity=int(quantity["quantity"]),
        unit=int(quantity["unit"]),
        end_tag=end["segment"],
        end_code=end["code"],
        date=int(end["date"]),
        time=int(end["time"]),
        midnight=plain["midnight"],
        rule=f"{plain['source']} ({plain['confidence']})",
    )
