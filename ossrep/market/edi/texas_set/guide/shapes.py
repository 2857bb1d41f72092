"""Whether a segment came just as the writer would write it, told without writing it.

Most elements are texts, which are written as they are read. Only numbers and times have other
spellings. Where a segment is not surely as written, the writer has the last word: a shape may
doubt too often, but must never trust a segment that would be written otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from ossrep.market.edi.texas_set.guide.elements import TEXT, Value
from ossrep.market.edi.texas_set.guide.plan import Element, Pairs, Shape, Step
from ossrep.market.edi.x12.model import Segment

_TIME_SIZE = 4
_MIDNIGHT = "2400"


def steps_of(elements: Sequence[Element]) -> tuple[Step, ...]:
    """The reading of every element that is a field."""
    return tuple(
        Step(
            element=element,
            index=element.index,
            field=element.field,
            required=element.required,
            shortest=element.shortest,
            longest=element.longest or sys.maxsize,
            listed=element.codes if element.only_listed else None,
            is_text=element.format is TEXT,
        )
        for element in elements
        if element.field
    )


def shape_of(elements: Sequence[Element], pairs: Pairs | None) -> Shape | None:
    """The shape of a segment with these elements; None where they are too entangled for one."""
    covered = [
        index
        for element in elements
        for index in range(element.index, element.index + element.format.span)
    ]
    end = max(covered, default=0) + 1
    if len(set(covered)) != len(covered) or min(covered, default=1) < 1:
        return None
    if pairs is not None and (end > pairs.first or not _are_texts(pairs)):
        return None
    lengths = [element for element in elements if element.length_of]
    places = {element.index for element in lengths}
    for element in lengths:
        if not element.index < element.length_of or element.length_of in places:
            return None
        if 0 in element.by_length:
            return None
    fields = [element for element in elements if element.field]
    return Shape(
        size=0 if pairs is not None else end,
        gaps=tuple(sorted(set(range(1, pairs.first if pairs else end)) - set(covered))),
        fixed=tuple((each.index, each.fixed) for each in elements if each.fixed),
        lengths=tuple((each.index, each.length_of, each.by_length) for each in lengths),
        checks=tuple((each.index, each.format.plain) for each in fields if each.format.plain),
        moments=tuple(each.index for each in fields if each.format.span > 1),
    )


def _are_texts(pairs: Pairs) -> bool:
    return all(pair.element.format is TEXT for pair in pairs.entries)


def came_as_written(
    shape: Shape, pairs: Pairs | None, segment: Segment, values: Mapping[str, Value]
) -> bool:
    """Whether ``segment``, which was read into ``values``, surely has no stray element."""
    size = len(segment)
    if (shape.size and size > shape.size) or not segment[-1]:
        return False
    for index in shape.gaps:
        if index < size and segment[index]:
            return False
    for index, fixed in shape.fixed:
        if index >= size or segment[index] != fixed:
            return False
    for index, is_plain in shape.checks:
        if index < size and segment[index] and not is_plain(segment[index]):
            return False
    if shape.lengths and not _are_named(shape, segment):
        return False
    if shape.moments and not _are_plain_moments(shape, segment):
        return False
    return pairs is None or segment[pairs.first :] == _written_pairs(pairs, values)


def _are_named(shape: Shape, segment: Segment) -> bool:
    """Whether each element that names the kind of another names that of its length."""
    size = len(segment)
    for index, measured, names in shape.lengths:
        length = len(segment[measured]) if measured < size else 0
        if (segment[index] if index < size else "") != names.get(length, ""):
            return False
    return True


def _are_plain_moments(shape: Shape, segment: Segment) -> bool:
    """Whether each time is in hours and minutes behind a date, and no other name of midnight."""
    size = len(segment)
    for index in shape.moments:
        time = segment[index + 1] if index + 1 < size else ""
        if time and (not segment[index] or len(time) != _TIME_SIZE or time == _MIDNIGHT):
            return False
    return True


def _written_pairs(pairs: Pairs, values: Mapping[str, Value]) -> list[Value]:
    written: list[Value] = []
    for pair in pairs.entries:
        field = pair.element.field
        text = values.get(field) if field else pair.element.fixed
        if text:
            written += [pair.qualifier, text]
    return written
