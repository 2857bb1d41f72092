"""What the retailer asks, as the simulated market understands it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.market.simulator import tables
from ossrep.market.simulator.x12 import Segment, TransactionSet, at


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A transaction of the retailer's: its kind, its ids, and all its segments.

    ``purpose`` and ``action`` are BGN07 and BGN08; ``esi_id`` is empty where the kind has none.
    """

    kind: str
    reference: str
    original: str
    purpose: str
    action: str
    esi_id: str
    segments: Sequence[Segment]

    def refs(self, qualifier: str) -> list[tuple[str, str]]:
        """REF02 and REF03 of each REF with a qualifier."""
        return [
            (at(segment, 2), at(segment, 3))
            for segment in self.segments
            if segment[0] == "REF" and at(segment, 1) == qualifier
        ]

    def ref(self, qualifier: str) -> str:
        """REF02 of the first REF with a qualifier, else empty."""
        return next((code for code, _ in self.refs(qualifier)), "")

    def date(self, name: str) -> dt.date | None:
        """The date of a DTM by its name in the table (``move_in``); None where there is none."""
        qualifier = tables.value("dates", name)
        for segment in self.segments:
            if segment[0] == "DTM" and at(segment, 1) == qualifier:
                return _date(at(segment, 2))
        return None

    def any_date(self) -> dt.date | None:
        """The last date of any DTM: for kinds whose qualifier is in doubt."""
        dates = [_date(at(s, 2)) for s in self.segments if s[0] == "DTM"]
        known = [date for date in dates if date is not None]
        return known[-1] if known else None

    def counter(self) -> str:
        """The iteration counter of a date change: the DTM that carries a time as well."""
        stamps = [at(s, 2) + at(s, 3) for s in self.segments if s[0] == "DTM" and at(s, 3)]
        return stamps[-1] if stamps else ""

    def party(self, role: str) -> tuple[str, str]:
        """Name and DUNS of an N1 loop."""
        for segment in self.segments:
            if segment[0] == "N1" and at(segment, 1) == role:
                return at(segment, 2), at(segment, 4)
        return "", ""

    @property
    def zip_code(self) -> str:
        """Five digits of the first N4."""
        return next((at(s, 3)[:5] for s in self.segments if s[0] == "N4"), "")

    @property
    def services(self) -> frozenset[str]:
        """The service codes of all LIN segments."""
        return frozenset(text for s in self.segments if s[0] == "LIN" for text in s[3::2])

    @property
    def maintenance(self) -> str:
        """ASI02."""
        return next((at(s, 2) for s in self.segments if s[0] == "ASI"), "")


def read_request(*, transaction: TransactionSet) -> Request | None:
    """The request in a transaction set; None for what carries none (a 997, an unknown set)."""
    head = next((s for s in transaction.segments if s[0] in ("BGN", "BPR", "BPT")), None)
    if transaction.code == "997" or head is None:
        return None
    esi_qualifier = tables.value("qualifiers", "esi_id")
    esi_id = next(
        (
            at(s, 3)
            for s in transaction.segments
            if s[0] == "REF" and at(s, 1) == esi_qualifier and at(s, 3)
        ),
        "",
    )
    is_payment = head[0] == "BPR"
    trace = next((at(s, 2) for s in transaction.segments if s[0] == "TRN"), "")
    return Request(
        kind=_kind(transaction.code, head),
        reference=trace if is_payment else at(head, 2),
        original="" if is_payment else at(head, 6),
        purpose="" if is_payment else at(head, 7),
        action="" if is_payment else at(head, 8),
        esi_id=esi_id,
        segments=transaction.segments,
    )


def _kind(code: str, head: Segment) -> str:
    if code == "814":
        number = (at(head, 8) or at(head, 7)).upper().lstrip("0")
        return f"814_{number.zfill(2)}"
    if code == "650":
        return "650_05" if at(head, 1) == "11" else "650_01"
    return {"820": "820_02", "824": "824"}.get(code, code)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
