"""What a guide table is compiled to: nodes that know their segment, their class and children."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ossrep.market.edi.texas_set.guide.elements import Format, Value
from ossrep.market.edi.x12.model import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element position: a field of the object, a fixed value, or one that follows a length."""

    index: int
    format: Format
    field: str = ""
    fixed: str = ""
    length_of: int = 0
    by_length: Mapping[int, str] = dataclasses.field(default_factory=dict)
    required: bool = False
    shortest: int = 0
    longest: int = 0
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    only_listed: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One qualifier with its value among the pairs of a segment (PER03/04, LIN02/03)."""

    qualifier: str
    element: Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Elements ``first`` to ``last``: qualifier and value, written in the order of ``entries``."""

    first: int
    last: int
    entries: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How one field is read: its element's position, bounds and format, ready to hand."""

    element: Element
    index: int
    field: str
    required: bool
    shortest: int
    longest: int
    listed: Mapping[str, str] | None
    is_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What tells, without writing it, that a segment came just as it would be written.

    ``size``: the longest it can be, 0 where pairs follow. ``gaps``: positions that stay empty.
    ``fixed``: those of one value. ``lengths``: position, the one whose length it names, the
    names. ``checks``: positions whose format has more than one spelling. ``moments``: where a
    date stands that has its time behind it.
    """

    size: int
    gaps: tuple[int, ...]
    fixed: tuple[tuple[int, str], ...]
    lengths: tuple[tuple[int, int, Mapping[int, str]], ...]
    checks: tuple[tuple[int, Callable[[str], object]], ...]
    moments: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class Node:
    """One kind of segment at one level.

    With a ``field`` it is an object of that field (``many``: a tuple of them), and ``children``
    fill the same object. Without, its elements are fields of the object around it. ``steps`` and
    ``shape`` are made of the elements; without a shape only writing shows what came otherwise.
    """

    name: str
    tag: str
    rule: str
    matches: tuple[tuple[int, frozenset[str]], ...] = ()
    field: str = ""
    build: type | None = None
    many: bool = False
    most: int = 0
    required: bool = False
    elements: tuple[Element, ...] = ()
    pairs: Pairs | None = None
    children: Level | None = None
    blanks: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    fields: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    shape: Shape | None = None

    def is_met_by(self, segment: Segment) -> bool:
        """Whether a segment of this tag has the values by which this one is recognised."""
        return all(
            index < len(segment) and segment[index] in values for index, values in self.matches
        )


@dataclass(slots=True)
class Level:
    """The nodes that may stand at one place, in writing order, and the quick ways to them.

    ``by_first`` knows those told by tag and first element alone, ``others`` the rest by tag.
    """

    nodes: tuple[Node, ...]
    by_first: Mapping[tuple[str, str], Node]
    others: Mapping[str, tuple[Node, ...]]
    loop_tags: frozenset[str]

    def find(self, segment: Segment) -> Node | None:
        """The node that the segment meets; one told by more elements goes first."""
        tag = segment[0]
        if len(segment) > 1:
            node = self.by_first.get((tag, segment[1]))
            if node is not None:
                return node
        for node in self.others.get(tag, ()):
            if node.is_met_by(segment):
                return node
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A compiled table: ``root`` builds the transaction from the segments behind ST."""

    kind: str
    code: str
    name: str
    root: Node
