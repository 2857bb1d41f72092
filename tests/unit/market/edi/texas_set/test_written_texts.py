"""Transactions against texts that were written by hand, and the guide tables behind them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator

import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.texas_set.guide.compiling import compile_guide
from ossrep.market.edi.texas_set.guide.reading import read_segments
from ossrep.market.edi.texas_set.guide.tables import Plain, Table, load_table
from ossrep.market.edi.texas_set.kinds import KINDS
from ossrep.market.edi.texas_set.reading import read_transaction
from ossrep.market.edi.texas_set.writing import write_transaction
from tests.unit.market.edi.texas_set.written_texts import EXPECTED, as_set, load


class TestReadTransaction:
    @pytest.mark.parametrize("name", EXPECTED)
    def test_reads_the_text(self, name: str) -> None:
        assert read_transaction(as_set(load(name))) == EXPECTED[name]

    @pytest.mark.parametrize("name", [name for name in EXPECTED if name[:3] in ("814", "650")])
    def test_takes_segments_of_a_level_in_any_order(self, name: str) -> None:
        start, head, *others, end = load(name)
        order = ["NM1", "DTM", "ASI", "LIN", "REF", "N1"]
        movable = [each for each in others if each[0] in order[1:5]]
        if name == "814_05":
            movable = movable[:-5]
        fixed = [each for each in others if each not in movable]
        movable.sort(key=lambda each: order.index(each[0]))

        found = read_transaction(as_set([start, head, *movable, *fixed, end]))

        assert found == EXPECTED[name]


class TestWriteTransaction:
    @pytest.mark.parametrize("name", EXPECTED)
    def test_writes_the_text(self, name: str) -> None:
        segments = load(name)

        written = write_transaction(EXPECTED[name], control_number=segments[0][2])

        assert written == segments


class TestSwappingTwoPositions:
    """Negative control: a wrong table does not pass by agreeing with itself."""

    @pytest.mark.parametrize("name", EXPECTED)
    def test_of_any_segment_that_the_text_has_turns_it_red(self, name: str) -> None:
        build = KINDS[EXPECTED[name].kind]
        segments = load(name)

        survivors = [
            place for place, table in _swaps(name) if _reads_as(table, build, segments, name)
        ]

        assert survivors == []

    def test_is_tried_in_every_text(self) -> None:
        assert {name: len(list(_swaps(name))) for name in ("814_01", "650_01", "824")} == {
            "814_01": 13,
            "650_01": 17,
            "824": 12,
        }
        assert all(list(_swaps(name)) for name in EXPECTED)


def _reads_as(table: Table, build: type, segments: list[list[str]], name: str) -> bool:
    try:
        found = read_segments(compile_guide(table, build), segments)
    except EdiError:
        return False
    return found == EXPECTED[name]


def _swaps(name: str) -> Iterator[tuple[str, Table]]:
    """A place and the table in which two positions are exchanged there, where the text has one."""
    table = load_table(EXPECTED[name].kind)
    for path in _nodes(table["segments"], ()):
        node = _at(table, path)
        elements, match = node.get("elements", {}), node.get("match", {})
        assert isinstance(elements, dict)
        assert isinstance(match, dict)
        qualifiers = [each["value"] if isinstance(each, dict) else each for each in match.values()]
        start = [str(node["segment"]), *map(str, qualifiers)]
        found = [each for each in load(name) if each[: len(start)] == start]
        filled = [index for index, each in elements.items() if "field" in each]
        for one, other in itertools.combinations(filled, 2):
            if any(each[int(index) :][:1] > [""] for each in found for index in (one, other)):
                yield f"{'*'.join(start)} {one}<>{other}", _swapped(table, path, one, other)


def _swapped(table: Table, path: tuple[int, ...], one: str, other: str) -> Table:
    changed = copy.deepcopy(table)
    elements = _at(changed, path)["elements"]
    assert isinstance(elements, dict)
    elements[one], elements[other] = elements[other], elements[one]
    return changed


def _nodes(nodes: Plain, path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    assert isinstance(nodes, list)
    for index, node in enumerate(nodes):
        assert isinstance(node, dict)
        yield (*path, index)
        yield from _nodes(node.get("children", []), (*path, index))


def _at(table: Table, path: tuple[int, ...]) -> Table:
    node: Plain = table
    for depth, index in enumerate(path):
        assert isinstance(node, dict)
        nodes = node["segments" if depth == 0 else "children"]
        assert isinstance(nodes, list)
        node = nodes[index]
    assert isinstance(node, dict)
    return node
