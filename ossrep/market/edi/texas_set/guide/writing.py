"""A transaction's dataclass in, segments out, in the order of its guide table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.elements import Value, write_moment
from ossrep.market.edi.texas_set.guide.plan import Element, Guide, Level, Node, Pairs
from ossrep.market.edi.texas_set.model import Moment, Placed, Stray, Transaction
from ossrep.market.edi.x12.model import Segment

_UNWRITABLE = re.compile(r"[*~>\x00-\x1f\x7f]")


@dataclass(slots=True)
class _Output:
    """Segments so far (ST is the first) and the strays that wait for their segment."""

    segments: list[Segment]
    strays: Mapping[str, Sequence[Stray]] = field(default_factory=dict)


def write_segments(guide: Guide, transaction: Transaction, *, control_number: str) -> list[Segment]:
    """ST to SE. ``EdiError`` where a value is missing, too long or cannot be written."""
    output = _Output([["ST", guide.code, control_number]], _by_place(transaction.strays))
    assert guide.root.children is not None
    _emit_level(guide.root.children, transaction, output, "")
    segments = _with_placed(output.segments, transaction.unknown)
    segments.append(["SE", str(len(segments) + 1), control_number])
    return segments


def _by_place(strays: Sequence[Stray]) -> Mapping[str, Sequence[Stray]]:
    places: dict[str, list[Stray]] = {}
    for stray in strays:
        places.setdefault(stray.place, []).append(stray)
    return places


def _with_placed(segments: list[Segment], unknown: Sequence[Placed]) -> list[Segment]:
    """The unknown segments, each behind as many known ones as before; ST is always first."""
    if not unknown:
        return segments
    behind: dict[int, list[Segment]] = {}
    for placed in unknown:
        behind.setdefault(min(placed.after, len(segments) - 1), []).append(list(placed.segment))
    joined: list[Segment] = []
    for known, segment in enumerate(segments):
        joined.append(segment)
        joined += behind.get(known, [])
    return joined


def _emit_level(level: Level, around: object, output: _Output, place: str) -> None:
    for node in level.nodes:
        here = f"{place}{node.name}"
        if not node.field:
            _emit(node, around, output, here)
            continue
        found = getattr(around, node.field)
        if node.many:
            for number, item in enumerate(found, start=1):
                _emit(node, item, output, f"{here}#{number}")
        elif found is not None:
            _emit(node, found, output, here)
        if node.required and not found:
            raise _missing_segment(node, output)


def _emit(node: Node, source: object, output: _Output, place: str) -> None:
    try:
        segment, has_values = render(node, source)
        if not (node.required or node.field or has_values):
            return
        _check(node, segment, source)
    except EdiError as error:
        raise _placed_at(error, len(output.segments) + 1) from None
    if place in output.strays:
        segment = _with_strays(segment, output.strays[place])
    output.segments.append(segment)
    if node.children is not None:
        _emit_level(node.children, source, output, f"{place}/")


def render(node: Node, source: object) -> tuple[Segment, bool]:
    """The segment without trailing empty elements, and whether any field has a value in it.

    ``source`` is the object, or a mapping of field to value. ``EdiError`` where a value cannot
    be written.
    """
    segment = [node.tag]
    has_values = False
    for element in node.elements:
        texts = _texts(element, source, node)
        if texts is None:
            continue
        while len(segment) < element.index:
            segment.append("")
        del segment[element.index :]
        segment += texts
        has_values = has_values or bool(element.field)
    for element in node.elements:
        if element.length_of:
            _set_by_length(element, segment)
    if node.pairs is not None:
        has_values = _add_pairs(node.pairs, source, segment, node) or has_values
    while len(segment) > 1 and not segment[-1]:
        segment.pop()
    return segment, has_values


def _texts(element: Element, source: object, node: Node) -> tuple[str, ...] | None:
    """The element's text, or texts where it spans two; None where it is empty."""
    if not element.field:
        return (element.fixed,) if element.fixed else None
    value = _value(source, element.field)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, Moment):
            return write_moment(value)
        return (element.format.write(value),)
    except ValueError as error:
        raise EdiError(
            Fault(
                code="element_value",
                message=f"{element.field} cannot be written",
                tag=node.tag,
                element=element.index,
                rule=element.rule,
                expected=str(error),
                found=str(value),
            )
        ) from None


def _value(source: object, field: str) -> Value:
    return source.get(field) if isinstance(source, dict) else getattr(source, field)


def _set_by_length(element: Element, segment: Segment) -> None:
    """An element that names the kind of another by its length (N103 of N104)."""
    if element.length_of < len(segment):
        segment[element.index] = element.by_length.get(len(segment[element.length_of]), "")


def _add_pairs(pairs: Pairs, source: object, segment: Segment, node: Node) -> bool:
    has_values = False
    while len(segment) < pairs.first:
        segment.append("")
    for pair in pairs.entries:
        texts = _texts(pair.element, source, node)
        if texts is None:
            continue
        segment += [pair.qualifier, texts[0]]
        has_values = has_values or bool(pair.element.field)
    return has_values


def _check(node: Node, segment: Segment, source: object) -> None:
    """Required, too long, not listed: what a reader would refuse is not written either."""
    for element in node.elements:
        raw = segment[element.index] if element.index < len(segment) else ""
        check_element(node, element, raw)
        _check_characters(node, element, raw)
    if node.pairs is not None:
        for pair in node.pairs.entries:
            if pair.element.field:
                raw = str(_value(source, pair.element.field) or "")
                check_element(node, pair.element, raw)
                _check_characters(node, pair.element, raw)


def _check_characters(node: Node, element: Element, raw: str) -> None:
    if _UNWRITABLE.search(raw):
        expected = "text without the separators * ~ > and without control characters"
        raise _element_fault("element_text", "cannot be sent", node, element, expected, raw)


def check_element(node: Node, element: Element, raw: str) -> None:
    """``EdiError`` where ``raw`` is missing, too short or long, or not of a binding list."""
    if not raw:
        if element.required:
            raise _element_fault(
                "element_missing", "is missing", node, element, element.field or "a value", ""
            )
        return
    if element.longest and len(raw) > element.longest:
        raise _element_fault(
            "element_too_long",
            "is too long",
            node,
            element,
            f"at most {element.longest} characters",
            raw,
        )
    if len(raw) < element.shortest:
        raise _element_fault(
            "element_too_short",
            "is too short",
            node,
            element,
            f"at least {element.shortest} characters",
            raw,
        )
    if element.only_listed and raw not in element.codes:
        raise _element_fault(
            "element_code",
            "is no code of the list",
            node,
            element,
            ", ".join(element.codes),
            raw,
        )


def _element_fault(
    code: str, what: str, node: Node, element: Element, expected: str, found: str
) -> EdiError:
    name = element.field or "a fixed value"
    return EdiError(
        Fault(
            code=code,
            message=f"{name} {what}",
            tag=node.tag,
            element=element.index or None,
            rule=element.rule,
            expected=expected,
            found=found,
        )
    )


def _placed_at(error: EdiError, segment: int) -> EdiError:
    return EdiError(replace(error.fault, segment=segment))


def _missing_segment(node: Node, output: _Output) -> EdiError:
    return EdiError(
        Fault(
            code="segment_missing",
            message=f"{node.name} is missing",
            tag=node.tag,
            segment=len(output.segments) + 1,
            rule=node.rule,
            expected=node.name,
        )
    )


def _with_strays(segment: Segment, strays: Sequence[Stray]) -> Segment:
    """The segment as it came: elements put in, and cut where it came shorter (element 0)."""
    for stray in strays:
        if stray.element == 0:
            del segment[int(stray.value) + 1 :]
            continue
        while len(segment) <= stray.element:
            segment.append("")
        segment[stray.element] = stray.value
    return segment
