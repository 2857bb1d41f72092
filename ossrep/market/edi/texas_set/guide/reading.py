"""Segments in, a transaction's dataclass out, by its guide table.

Order within a level does not matter; a loop ends where a segment belongs to a level around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.elements import Value, read_moment
from ossrep.market.edi.texas_set.guide.plan import Element, Guide, Node, Pairs
from ossrep.market.edi.texas_set.guide.shapes import came_as_written
from ossrep.market.edi.texas_set.guide.writing import check_element, render
from ossrep.market.edi.texas_set.model import Placed, Stray, Transaction
from ossrep.market.edi.x12.model import Segment


@dataclass(slots=True)
class _Frame:
    """One object being read: its values so far, and which of its nodes have been met."""

    node: Node
    place: str
    segment: int
    values: dict[str, Value]
    items: dict[str, list[_Frame]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Read:
    """The state of one transaction set: open loops innermost last, and what is kept in place."""

    stack: list[_Frame]
    unknown: list[Placed] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    known: int = 0


def read_segments(guide: Guide, segments: Sequence[Segment]) -> Transaction:
    """The transaction of ST to SE. ``EdiError`` with segment, element, rule, expected, found."""
    root = _Frame(guide.root, "", 1, dict(guide.root.blanks))
    state = _Read([root])
    for ordinal, segment in enumerate(segments, start=1):
        if segment and segment[0] not in ("ST", "SE"):
            _take(state, segment, ordinal)
    built = _finish(root, {"unknown": tuple(state.unknown), "strays": tuple(state.strays)})
    assert isinstance(built, Transaction)
    return built


def _take(state: _Read, segment: Segment, ordinal: int) -> None:
    """Gives the segment to the innermost open loop that knows it, or keeps it in its place."""
    for depth in range(len(state.stack) - 1, -1, -1):
        frame = state.stack[depth]
        level = frame.node.children
        if level is None:
            continue
        node = level.find(segment)
        if node is not None and _has_room(frame, node):
            del state.stack[depth + 1 :]
            if _fill(state, frame, node, segment, ordinal):
                state.known += 1
                return
            break
        if segment[0] in level.loop_tags:
            del state.stack[depth + 1 :]
    state.unknown.append(Placed(state.known, list(segment)))


def _has_room(frame: _Frame, node: Node) -> bool:
    if not node.many:
        return node.name not in frame.met
    return not node.most or len(frame.items.get(node.field, ())) < node.most


def _fill(state: _Read, frame: _Frame, node: Node, segment: Segment, ordinal: int) -> bool:
    """Reads the segment into the frame, or a frame of its own; False where it says nothing."""
    place = f"{frame.place}{node.name}"
    try:
        if not node.field:
            values = frame.values
            if not _read_into(values, node, segment) and not node.required:
                return False
            _keep_strays(state, node, segment, values, place)
        else:
            values = dict(node.blanks)
            _read_into(values, node, segment)
            items = frame.items.setdefault(node.field, [])
            place = f"{place}#{len(items) + 1}" if node.many else place
            _keep_strays(state, node, segment, values, place)
            inner = _Frame(node, f"{place}/", ordinal, values)
            items.append(inner)
            if node.children is not None:
                state.stack.append(inner)
    except EdiError as error:
        raise EdiError(replace(error.fault, segment=ordinal)) from None
    frame.met.add(node.name)
    return True


def _read_into(values: dict[str, Value], node: Node, segment: Segment) -> bool:
    """Fills ``values``; whether any field has got one."""
    found = False
    size = len(segment)
    for step in node.steps:
        raw = segment[step.index] if step.index < size else ""
        if not raw:
            if step.required:
                check_element(node, step.element, raw)
            continue
        is_listed = step.listed is None or raw in step.listed
        if not (is_listed and step.shortest <= len(raw) <= step.longest):
            check_element(node, step.element, raw)
        value = raw if step.is_text else _value(node, step.element, raw, segment)
        values[step.field] = value
        found = found or (value is not None)
    if node.pairs is not None:
        found = _read_pairs(values, node, node.pairs, segment) or found
    return found


def _value(node: Node, element: Element, raw: str, segment: Segment) -> Value:
    try:
        if element.format.span == 1:
            return element.format.read(raw)
        following = element.index + 1
        return read_moment(raw, segment[following] if following < len(segment) else "")
    except ValueError as error:
        raise EdiError(
            Fault(
                code="element_value",
                message=f"{element.field} is not readable",
                tag=node.tag,
                element=element.index,
                rule=element.rule,
                expected=str(error),
                found=raw,
            )
        ) from None


def _read_pairs(values: dict[str, Value], node: Node, pairs: Pairs, segment: Segment) -> bool:
    """Listed codes find their entry wherever they stand; the others go by qualifier,
    first to entries without a list, then in order."""
    free = list(pairs.entries)
    rest: list[tuple[str, str]] = []
    found = False
    for index in range(pairs.first, min(pairs.last, len(segment) - 1), 2):
        qualifier, raw = segment[index], segment[index + 1]
        for pair in free:
            listed = raw in pair.element.codes or raw == pair.element.fixed
            if raw and pair.qualifier == qualifier and listed:
                found = _take_pair(values, node, pair.element, raw) or found
                free.remove(pair)
                break
        else:
            rest.append((qualifier, raw))
    for qualifier, raw in rest:
        fitting = [
            pair for pair in free if raw and pair.qualifier == qualifier and pair.element.field
        ]
        if fitting:
            pair = min(fitting, key=lambda each: bool(each.element.codes))
            found = _take_pair(values, node, pair.element, raw) or found
            free.remove(pair)
    for pair in free:
        check_element(node, pair.element, pair.element.fixed)
    return found


def _take_pair(values: dict[str, Value], node: Node, element: Element, raw: str) -> bool:
    if not element.field:
        return False
    check_element(node, element, raw)
    values[element.field] = _value(node, element, raw, [])
    return True


def _keep_strays(
    state: _Read, node: Node, segment: Segment, values: dict[str, Value], place: str
) -> None:
    """Whatever the writer would write otherwise than it came is kept, element by element."""
    if node.shape is not None and came_as_written(node.shape, node.pairs, segment, values):
        return
    rendered, _ = render(node, values)
    if rendered == segment:
        return
    for index in range(1, max(len(rendered), len(segment))):
        came = segment[index] if index < len(segment) else ""
        ours = rendered[index] if index < len(rendered) else ""
        if index < len(segment) and (came != ours or index >= len(rendered)):
            state.strays.append(Stray(place, index, came))
    if len(segment) < len(rendered):
        state.strays.append(Stray(place, 0, str(len(segment) - 1)))


def _finish(frame: _Frame, own: dict[str, Value]) -> object:
    """The frame's object, once all that must be there has been met."""
    values: dict[str, Value] = {**frame.values, **own}
    if frame.node.children is not None:
        for node in frame.node.children.nodes:
            if node.required and node.name not in frame.met:
                raise _missing(node, frame)
            if node.field:
                built = [_finish(item, {}) for item in frame.items.get(node.field, ())]
                values[node.field] = tuple(built) if node.many else (built or [None])[0]
    assert frame.node.build is not None
    return frame.node.build(**values)


def _missing(node: Node, frame: _Frame) -> EdiError:
    return EdiError(
        Fault(
            code="segment_missing",
            message=f"{node.name} is missing",
            tag=node.tag,
            segment=frame.segment,
            rule=node.rule,
            expected=node.name,
        )
    )
