"""Small interchanges as text, for exact assertions."""

from __future__ import annotations

from ossrep.market.edi.x12.model import Group, Interchange, TransactionSet
from ossrep.market.edi.x12.reading import read_interchanges

ISA = (
    "ISA*00*          *00*          *01*183529049      *01*999999999      "
    "*260219*0312*U*00401*000000501*0*P*>"
)
GS = "GS*GE*183529049*999999999*20260219*0312*501*X*004010"
SET = ("ST*814*0001", "BGN*13*A1*20260219", "REF*Q5**10443720000000001", "SE*4*0001")
GE, IEA = "GE*1*501", "IEA*1*000000501"


def edi(*segments: str, end: str = "~") -> bytes:
    """Segments as a file."""
    return "".join(segment + end for segment in segments).encode("latin-1")


def good_file(*, end: str = "~") -> bytes:
    """One group with one set of four segments."""
    return edi(ISA, GS, *SET, GE, IEA, end=end)


def read_one(data: bytes) -> Interchange:
    """The only interchange of a file."""
    [interchange] = read_interchanges(data)
    return interchange


def only_group(data: bytes) -> Group:
    """The only group of the only interchange, which itself has no fault."""
    interchange = read_one(data)
    assert interchange.faults == ()
    [group] = interchange.groups
    return group


def only_set(data: bytes) -> TransactionSet:
    """The only set of the only group, which itself has no fault."""
    group = only_group(data)
    assert group.faults == ()
    [found] = group.sets
    return found
