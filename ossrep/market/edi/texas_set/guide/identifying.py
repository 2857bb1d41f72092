"""Which kind a transaction set is, by the rules of ``identify.yaml``, compiled once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.tables import (
    Plain,
    Table,
    load_file,
    mapping,
    number,
    sequence,
    text,
    yes,
)
from ossrep.market.edi.x12.model import Segment, TransactionSet

_FILE = "identify.yaml"


@dataclass(frozen=True, slots=True)
class _Condition:
    """A segment must (not) be there, with these values at these elements."""

    tag: str
    elements: Mapping[int, frozenset[str]]
    absent: bool

    def holds(self, segments: Sequence[Segment]) -> bool:
        found = any(
            segment[0] == self.tag
            and all(_at(segment, index) in values for index, values in self.elements.items())
            for segment in segments
            if segment
        )
        return found is not self.absent


@dataclass(frozen=True, slots=True)
class _Step:
    """A kind under conditions, or a number that stands somewhere and names the kind."""

    conditions: tuple[_Condition, ...]
    kind: str
    tag: str
    element: int
    kinds: Mapping[str, str]

    @property
    def tags(self) -> Iterator[str]:
        """The segments it looks at."""
        yield self.tag
        yield from (condition.tag for condition in self.conditions)

    def kind_of(self, segments: Sequence[Segment]) -> str:
        """Empty where the step does not fit."""
        if self.kind:
            fits = all(condition.holds(segments) for condition in self.conditions)
            return self.kind if fits else ""
        for segment in segments:
            if segment and segment[0] == self.tag:
                return self.kinds.get(_at(segment, self.element).lstrip("0"), "")
        return ""


@dataclass(frozen=True, slots=True)
class _Check:
    """Among these elements of a segment only some values go with a kind."""

    tag: str
    elements: tuple[int, ...]
    among: frozenset[str]
    allowed: Mapping[str, tuple[str, ...]]
    rule: str

    def check(self, kind: str, segments: Sequence[Segment]) -> None:
        if kind not in self.allowed:
            return
        for ordinal, segment in enumerate(segments, start=1):
            if not segment or segment[0] != self.tag:
                continue
            for element in self.elements:
                found = _at(segment, element)
                if found in self.among and found not in self.allowed[kind]:
                    raise self._conflict(kind, ordinal, element, found)

    def _conflict(self, kind: str, ordinal: int, element: int, found: str) -> EdiError:
        return EdiError(
            Fault(
                code="kind_conflict",
                message=f"a {kind} does not ask for {found}",
                tag=self.tag,
                segment=ordinal,
                element=element,
                rule=self.rule,
                expected=" or ".join(self.allowed[kind]),
                found=found,
            )
        )


def identify_set(found: TransactionSet) -> str:
    """The kind, ``814_16`` for one. ``EdiError`` ``kind_unknown`` or ``kind_conflict``."""
    steps, checks = _rules()
    of_code = steps.get(found.code, ())
    # A month of intervals has thousands of segments, of which no rule asks for more than a few.
    tags = {tag for step in of_code for tag in step.tags}
    telling = [segment for segment in found.segments if segment and segment[0] in tags]
    for step in of_code:
        kind = step.kind_of(telling)
        if kind:
            for check in checks:
                check.check(kind, found.segments)
            return kind
    raise _unknown(found, known=found.code in steps)


def _unknown(found: TransactionSet, *, known: bool) -> EdiError:
    head = next((segment for segment in found.segments if segment and segment[0] != "ST"), [])
    return EdiError(
        Fault(
            code="kind_unknown",
            message=f"no rule tells which kind of {found.code} this is"
            if known
            else f"transaction set {found.code} is none that is used here",
            tag=head[0] if head and known else "ST",
            segment=2 if known else 1,
            element=None if known else 1,
            rule=_FILE,
            expected="a kind of identify.yaml",
            found="*".join(head) if known else found.code,
        )
    )


def _at(segment: Segment, index: int) -> str:
    return segment[index] if index < len(segment) else ""


@lru_cache(maxsize=1)
def _rules() -> tuple[Mapping[str, tuple[_Step, ...]], tuple[_Check, ...]]:
    table = load_file(_FILE)
    steps = {
        code: tuple(_step(mapping(each, where=_FILE)) for each in sequence(entries, where=_FILE))
        for code, entries in mapping(table.get("steps", {}), where=_FILE).items()
    }
    checks = sequence(table.get("checks", []), where=_FILE)
    return steps, tuple(_check(mapping(each, where=_FILE)) for each in checks)


def _step(entry: Table) -> _Step:
    place = mapping(entry.get("number", {}), where=_FILE)
    conditions = sequence(entry.get("when", []), where=_FILE)
    return _Step(
        conditions=tuple(_condition(mapping(each, where=_FILE)) for each in conditions),
        kind=text(entry.get("kind", ""), where=_FILE),
        tag=text(place.get("segment", ""), where=_FILE),
        element=number(place.get("element", "0"), where=_FILE),
        kinds={
            key: text(kind, where=_FILE)
            for key, kind in mapping(entry.get("kinds", {}), where=_FILE).items()
        },
    )


def _condition(entry: Table) -> _Condition:
    elements = {
        number(index, where=_FILE): frozenset([text(value, where=_FILE)])
        for index, value in mapping(entry.get("match", {}), where=_FILE).items()
    }
    if "element" in entry:
        elements[number(entry["element"], where=_FILE)] = frozenset(_texts(entry.get("values", [])))
    return _Condition(
        tag=text(entry.get("segment", ""), where=_FILE),
        elements=elements,
        absent=yes(entry, "absent", where=_FILE),
    )


def _check(entry: Table) -> _Check:
    return _Check(
        tag=text(entry.get("segment", ""), where=_FILE),
        elements=tuple(number(each, where=_FILE) for each in _texts(entry.get("elements", []))),
        among=frozenset(_texts(entry.get("among", []))),
        allowed={
            kind: tuple(_texts(values))
            for kind, values in mapping(entry.get("allowed", {}), where=_FILE).items()
        },
        rule=f"{entry.get('source', '')} ({entry.get('confidence', '')})",
    )


def _texts(values: Plain) -> list[str]:
    return [text(value, where=_FILE) for value in sequence(values, where=_FILE)]
