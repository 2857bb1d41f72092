"""Strays found without writing are those that writing finds, on whole and on damaged texts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pytest

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.compiling import compile_guide
from ossrep.market.edi.texas_set.guide.plan import Guide, Node
from ossrep.market.edi.texas_set.guide.reading import read_segments
from ossrep.market.edi.texas_set.guide.tables import load_table
from ossrep.market.edi.texas_set.kinds import KINDS, guide_of
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.reading import identify
from ossrep.market.edi.x12.model import Segment
from tests.unit.market.edi.texas_set.written_texts import EXPECTED, as_set, load
from tests.unit.market.edi.usage.files import sets_of

USAGE_FILES = ["monthly", "exchange", "unmetered", "initial", "history", "invoice"]
ROUNDS = 100
SPELLINGS = [
    *("", "0", "-0", "00", "007", "-7", "7.", ".5", "0.50", "-.5", "1.000", "+1"),
    *("12345678901234", "999999999999999999", "-99999999999999999", ".12345678901234567"),
    *("2400", "0000", "240000", "0919", "091930", "09193050", "20260218", "20250230"),
    *("Y", "N", "y", "Q5", "9", "1", " ", "183529049", "1039940674000", "X" * 40),
]


@lru_cache(maxsize=64)
def writing_guide(kind: str) -> Guide:
    """The kind's guide without shapes: every segment is written to find what came otherwise."""
    guide = compile_guide(load_table(kind), KINDS[kind])
    for node in nodes_of(guide.root):
        node.shape = None
    return guide


def nodes_of(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children.nodes if node.children else ():
        yield from nodes_of(child)


def outcome(guide: Guide, segments: Sequence[Segment]) -> Transaction | Fault:
    try:
        return read_segments(guide, segments)
    except EdiError as error:
        return error.fault


def texts() -> Iterator[tuple[str, list[Segment]]]:
    """Every constructed text with its kind."""
    for name in EXPECTED:
        code = name.removeprefix("constructed_")[:3]
        found = as_set([["ST", code, "0001"], *load(name)])
        yield identify(found), [list(segment) for segment in found.segments]
    for name in USAGE_FILES:
        for each in sets_of(f"{name}.edi"):
            yield identify(each), [list(segment) for segment in each.segments]


def damaged(segments: Sequence[Segment], dice: random.Random) -> list[Segment]:
    """Up to four segments with an element overwritten or added, cut, or with empty ends."""
    found = [list(segment) for segment in segments]
    for _ in range(dice.randint(0, 4)):
        segment = found[dice.randrange(1, len(found))]
        index = dice.randint(1, len(segment) + 1)
        match dice.randrange(4):
            case 0 | 1:
                segment += [""] * (index + 1 - len(segment))
                segment[index] = dice.choice(SPELLINGS)
            case 2:
                del segment[index:]
            case _:
                segment += [""] * index
    return found


class TestShapes:
    def test_are_there_for_every_segment_of_every_table(self) -> None:
        without = [
            f"{kind} {node.name}"
            for kind in KINDS
            for node in nodes_of(guide_of(kind).root)
            if node.shape is None and node.name
        ]
        assert without == []

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_find_the_strays_that_writing_finds(self, seed: int) -> None:
        dice = random.Random(seed)
        with_strays = 0
        for kind, segments in texts():
            for _ in range(ROUNDS):
                found = damaged(segments, dice)
                quick = outcome(guide_of(kind), found)

                assert quick == outcome(writing_guide(kind), found), found
                with_strays += bool(isinstance(quick, Transaction) and quick.strays)
        assert with_strays > ROUNDS
