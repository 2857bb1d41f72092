"""Guide table and dataclass in, compiled guide out; every mistake of a table is a ``GuideError``.

The dataclass says what a value is (date, decimal, flag, a tuple of objects); the table only says
where it stands. A field that no element fills, or an element of no field, is a mistake.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping

from ossrep.market.edi.texas_set.guide.elements import FORMATS, TEXT, Format, Value, implied
from ossrep.market.edi.texas_set.guide.plan import Element, Guide, Level, Node, Pair, Pairs
from ossrep.market.edi.texas_set.guide.shapes import shape_of, steps_of
from ossrep.market.edi.texas_set.guide.tables import (
    CONFIDENCES,
    GuideError,
    Plain,
    Table,
    mapping,
    number,
    sequence,
    text,
    yes,
)

_RULE_KEYS = frozenset({"confidence", "source", "note"})
_NODE_KEYS = _RULE_KEYS | {
    *("segment", "name", "match", "field", "most", "required", "elements", "pairs", "children")
}
_ELEMENT_KEYS = _RULE_KEYS | {
    *("field", "value", "length_of", "values", "required", "min", "max", "decimals", "codes"),
    *("only_listed", "qualifier"),
}
_OWN = ("unknown", "strays")


@dataclasses.dataclass(frozen=True, slots=True)
class _Scope:
    """Where in a table we are, and the class whose fields are filled there."""

    where: str
    build: type
    hints: Mapping[str, object]

    def at(self, place: str) -> _Scope:
        return _Scope(f"{self.where} {place}", self.build, self.hints)

    def inside(self, build: type, place: str) -> _Scope:
        return _Scope(f"{self.where} {place}", build, typing.get_type_hints(build))


def compile_guide(table: Table, build: type) -> Guide:
    """The guide of ``build`` (a transaction's dataclass) from its table, shared segments put in."""
    kind = str(table.get("kind", ""))
    scope = _Scope(f"{kind}.yaml", build, typing.get_type_hints(build))
    if kind != getattr(build, "kind", None):
        raise GuideError(f"kind {kind!r} is not that of {build.__name__}", where=scope.where)
    level, fields = _level(table.get("segments", []), scope)
    root = _filled(Node(name="", tag="ST", rule="", required=True), level, fields, scope)
    return Guide(
        kind=kind,
        code=text(table.get("set", ""), where=scope.where),
        name=text(table.get("name", ""), where=scope.where),
        root=root,
    )


def _level(nodes: Plain, scope: _Scope) -> tuple[Level, dict[str, bool]]:
    """The level, and the fields of the class around it that it fills (required or not)."""
    compiled: list[Node] = []
    fields: dict[str, bool] = {}
    for entry in sequence(nodes, where=scope.where):
        node, filled = _node(mapping(entry, where=scope.where), scope)
        if node.name in {other.name for other in compiled}:
            raise GuideError(f"{node.name} stands twice at one level", where=scope.where)
        _merge(fields, filled, scope.at(node.name))
        compiled.append(node)
    loops = frozenset(node.tag for node in compiled if node.children is not None)
    return Level(tuple(compiled), *_ways(compiled), loops), fields


def _ways(
    nodes: list[Node],
) -> tuple[dict[tuple[str, str], Node], dict[str, tuple[Node, ...]]]:
    """By tag and first element where that alone tells, else by tag, the pickiest first."""
    by_first: dict[tuple[str, str], Node] = {}
    others: dict[str, tuple[Node, ...]] = {}
    picky = {node.tag for node in nodes if node.matches and node.matches[-1][0] != 1}
    for node in sorted(nodes, key=lambda node: -len(node.matches)):
        if node.matches and node.tag not in picky:
            by_first |= {(node.tag, value): node for value in node.matches[0][1]}
        else:
            others[node.tag] = (*others.get(node.tag, ()), node)
    return by_first, others


def _merge(fields: dict[str, bool], filled: Mapping[str, bool], scope: _Scope) -> None:
    for name, required in filled.items():
        if name in fields:
            raise GuideError(f"field {name!r} is filled twice", where=scope.where)
        fields[name] = required


def _node(entry: Table, scope: _Scope) -> tuple[Node, dict[str, bool]]:
    tag = text(entry.get("segment", ""), where=scope.where)
    here = scope.at(tag)
    _refuse_others(entry, _NODE_KEYS, here)
    matches = _matches(entry.get("match", {}), here)
    qualifiers = "*".join(sorted(values)[0] for _, values in matches)
    node = Node(
        name=str(entry.get("name", f"{tag}*{qualifiers}" if qualifiers else tag)),
        tag=tag,
        rule=_rule(entry, here),
        matches=tuple((index, frozenset(values)) for index, values in matches),
        required=yes(entry, "required", where=here.where),
        most=number(entry.get("most", "0"), where=here.where),
    )
    field = str(entry.get("field", ""))
    if field:
        return _object_node(node, field, entry, matches, here)
    if "children" in entry:
        raise GuideError("children need a field to fill", where=here.where)
    fields = _add_elements(node, entry, matches, here)
    if not node.required and not fields:
        raise GuideError("an optional segment must fill a field", where=here.where)
    required = node.required
    return node, {name: required and needed for name, needed in fields.items()}


def _object_node(
    node: Node, field: str, entry: Table, matches: list[tuple[int, list[str]]], scope: _Scope
) -> tuple[Node, dict[str, bool]]:
    """A node that is an object of its own, or a tuple of them."""
    build, node.many = _class_of(field, scope)
    node.field = field
    inner = scope.inside(build, f"({field})")
    fields = _add_elements(node, entry, matches, inner)
    level = None
    if "children" in entry:
        level, below = _level(entry["children"], inner)
        _merge(fields, below, inner)
    return _filled(node, level, fields, inner), {field: node.required}


def _filled(node: Node, level: Level | None, fields: dict[str, bool], scope: _Scope) -> Node:
    """``node`` with its class, once it is sure that every field of the class is filled."""
    blanks: dict[str, Value] = {}
    for field in dataclasses.fields(scope.build):
        if field.name in _OWN:
            continue
        has_default = (
            field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        )
        if field.name not in fields:
            if not has_default:
                raise GuideError(f"nothing fills field {field.name!r}", where=scope.where)
            continue
        blanks[field.name] = _blank(field.name, scope)
        may_be_blank = blanks[field.name] is not None or _is_optional(field.name, scope)
        if not has_default and not fields[field.name] and not may_be_blank:
            raise GuideError(f"field {field.name!r} must be required", where=scope.where)
    node.build, node.children = scope.build, level
    node.blanks, node.fields = blanks, tuple(blanks)
    return node


def _blank(field: str, scope: _Scope) -> Value:
    hint = scope.hints[field]
    if hint is str:
        return ""
    return () if typing.get_origin(hint) is tuple else None


def _is_optional(field: str, scope: _Scope) -> bool:
    return types.NoneType in typing.get_args(scope.hints[field])


def _class_of(field: str, scope: _Scope) -> tuple[type, bool]:
    """The dataclass of an object field, and whether there may be many."""
    hint = _hint(field, scope)
    many = typing.get_origin(hint) is tuple
    build = typing.get_args(hint)[0] if many else hint
    if not (isinstance(build, type) and dataclasses.is_dataclass(build)):
        raise GuideError(f"field {field!r} is no object of its own", where=scope.where)
    return build, many


def _hint(field: str, scope: _Scope) -> object:
    if field not in scope.hints or field in _OWN:
        raise GuideError(f"{scope.build.__name__} has no field {field!r}", where=scope.where)
    hint = scope.hints[field]
    if isinstance(hint, types.UnionType):
        return next(part for part in typing.get_args(hint) if part is not types.NoneType)
    return hint


def _matches(found: Plain, scope: _Scope) -> list[tuple[int, list[str]]]:
    """``{1: Q5}``, ``{1: [150, 151]}`` or ``{1: {value: Q5, confidence: ..., source: ...}}``."""
    matches: list[tuple[int, list[str]]] = []
    for index, value in mapping(found, where=scope.where).items():
        plain = value.get("value", "") if isinstance(value, dict) else value
        values = plain if isinstance(plain, list) else [plain]
        position = number(index, where=scope.where)
        matches.append((position, [text(each, where=scope.where) for each in values]))
    return sorted(matches)


def _add_elements(
    node: Node, entry: Table, matches: Iterable[tuple[int, list[str]]], scope: _Scope
) -> dict[str, bool]:
    """Compiles the elements and pairs into ``node``; gives the fields filled, required or not."""
    elements = {
        element.index: element
        for index, each in mapping(entry.get("elements", {}), where=scope.where).items()
        for element in [_element(number(index, where=scope.where), each, node.rule, scope)]
    }
    for index, values in matches:
        fixed = Element(index=index, format=TEXT, fixed=values[0], rule=node.rule)
        elements.setdefault(index, fixed)
    node.elements = tuple(elements[index] for index in sorted(elements))
    fields: dict[str, bool] = {}
    for element in node.elements:
        if element.field:
            _merge(fields, {element.field: element.required}, scope)
    if "pairs" in entry:
        node.pairs = _pairs(mapping(entry["pairs"], where=scope.where), node.rule, scope)
        for pair in node.pairs.entries:
            if pair.element.field:
                _merge(fields, {pair.element.field: pair.element.required}, scope)
    node.steps, node.shape = steps_of(node.elements), shape_of(node.elements, node.pairs)
    return fields


def _element(index: int, entry: Plain, rule: str, scope: _Scope) -> Element:
    here = scope.at(f"{index:02d}")
    found = mapping(entry, where=here.where)
    _refuse_others(found, _ELEMENT_KEYS, here)
    if sum(key in found for key in ("field", "value", "length_of")) != 1:
        raise GuideError("needs one of field, value, length_of", where=here.where)
    by_length = mapping(found.get("values", {}), where=here.where)
    return Element(
        index=index,
        format=_format(found, here),
        field=str(found.get("field", "")),
        fixed=str(found.get("value", "")),
        length_of=number(found.get("length_of", "0"), where=here.where),
        by_length={
            number(length, where=here.where): text(value, where=here.where)
            for length, value in by_length.items()
        },
        required=yes(found, "required", where=here.where),
        shortest=number(found.get("min", "0"), where=here.where),
        longest=number(found.get("max", "0"), where=here.where),
        codes=_codes(found.get("codes", {}), here),
        only_listed=yes(found, "only_listed", where=here.where),
        rule=_rule(found, here, rule),
    )


def _codes(found: Plain, scope: _Scope) -> dict[str, str]:
    """A list of codes, or a mapping of each to its meaning."""
    if isinstance(found, list):
        return {text(code, where=scope.where): "" for code in found}
    return {
        code: text(meaning, where=scope.where)
        for code, meaning in mapping(found, where=scope.where).items()
    }


def _format(found: Table, scope: _Scope) -> Format:
    if "field" not in found:
        return TEXT
    hint = _hint(text(found["field"], where=scope.where), scope)
    known = FORMATS.get(hint) if isinstance(hint, type) else None
    if known is None:
        raise GuideError(f"field {found['field']!r} is no single value", where=scope.where)
    if "decimals" in found:
        return implied(number(found["decimals"], where=scope.where))
    return known


def _pairs(found: Table, rule: str, scope: _Scope) -> Pairs:
    entries: list[Pair] = []
    for each in sequence(found.get("entries", []), where=scope.where):
        entry = mapping(each, where=scope.where)
        element = _element(0, entry, rule, scope)
        entries.append(Pair(qualifier=str(entry.get("qualifier", "")), element=element))
    return Pairs(
        first=number(found.get("first", ""), where=scope.where),
        last=number(found.get("last", ""), where=scope.where),
        entries=tuple(entries),
    )


def _rule(entry: Table, scope: _Scope, outer: str = "") -> str:
    """``source (confidence)``; a segment must have both, an element may have its own."""
    confidence, source = entry.get("confidence"), entry.get("source")
    if confidence is None and source is None and outer:
        return outer
    if confidence not in CONFIDENCES or not source:
        raise GuideError(
            f"needs a source and a confidence of {', '.join(CONFIDENCES)}", where=scope.where
        )
    return f"{source} ({confidence})"


def _refuse_others(entry: Table, known: frozenset[str], scope: _Scope) -> None:
    others = sorted(set(entry) - known)
    if others:
        raise GuideError(f"does not know {', '.join(others)}", where=scope.where)
