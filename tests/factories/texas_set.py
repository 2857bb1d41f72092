"""Hypothesis strategies for the transactions of every kind, drawn by their guide tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hypothesis import strategies as st

from ossrep.market.edi.texas_set.guide.plan import Element, Level, Node
from ossrep.market.edi.texas_set.kinds import guide_of
from ossrep.market.edi.texas_set.model import Moment, Transaction

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,'&-/#"
TIMES = st.builds(
    lambda hour, minute, second, hundredth: dt.time(hour, minute, second, hundredth * 10_000),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from([0, 0, 30]),
    st.sampled_from([0, 0, 5]),
)
DATES = st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))
OTHERS: dict[str, st.SearchStrategy[object]] = {
    "date": DATES,
    "time": TIMES,
    "date and time": st.builds(Moment, DATES, st.none() | TIMES),
    "decimal": st.decimals(-99_999, 99_999, places=4),
    "integer": st.integers(0, 9_999),
    "flag": st.booleans(),
}


def transactions(kind: str) -> st.SearchStrategy[Transaction]:
    """Any transaction of a kind that its table can carry, without unknown parts."""
    found = _objects(guide_of(kind).root)
    return found.filter(lambda each: isinstance(each, Transaction))  # type: ignore[return-value]


def _objects(node: Node) -> st.SearchStrategy[object]:
    fields = _fields(node)
    if node.children is not None:
        fields |= _level_fields(node.children)
    assert node.build is not None
    return st.builds(_lined_up(node.build), **fields)


def _level_fields(level: Level) -> dict[str, st.SearchStrategy[object]]:
    fields: dict[str, st.SearchStrategy[object]] = {}
    for node in level.nodes:
        if not node.field:
            fields |= _fields(node)
        elif node.many:
            fields[node.field] = st.lists(_objects(node), max_size=3).map(tuple)
        else:
            fields[node.field] = _objects(node) if node.required else st.none() | _objects(node)
    return fields


def _fields(node: Node) -> dict[str, st.SearchStrategy[object]]:
    elements = list(node.elements)
    if node.pairs is not None:
        elements += [pair.element for pair in node.pairs.entries]
    return {element.field: _values(element) for element in elements if element.field}


def _values(element: Element) -> st.SearchStrategy[object]:
    if element.format.name != "text":
        some = OTHERS.get(element.format.name, st.decimals(-999, 999, places=2))
        return some if element.required else st.none() | some
    longest = min(element.longest or 30, 30)
    shortest = max(element.shortest, 1)
    free: st.SearchStrategy[object] = st.text(ALPHABET, min_size=shortest, max_size=longest)
    if element.codes:
        free = st.sampled_from(sorted(element.codes))
    is_always_there = element.required or element.field == "action"
    return free if is_always_there else st.just("") | free


def _lined_up(build: type) -> Callable[..., object]:
    """A second phone without a first one would be read as the first: there is none such."""

    def make(**values: object) -> object:
        if values.get("second_phone") and not values.get("phone"):
            values["phone"], values["second_phone"] = values["second_phone"], ""
        return build(**values)

    return make
