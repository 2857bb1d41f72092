"""Segments that the simulated market's transactions are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from ossrep.market.simulator import tables
from ossrep.market.simulator.tables import Code, Player
from ossrep.market.simulator.world import Premises
from ossrep.market.simulator.x12 import Segment

_NINE_DIGITS = 9
_WITHOUT_GENERATION = frozenset({"csa", "maintain_esi", "maintain_customer", "usage"})


def ref(name: str, *rest: str) -> Segment:
    """A REF by the name of its qualifier in the table."""
    return ["REF", tables.value("qualifiers", name), *rest]


def dtm(name: str, date: dt.date, time: str = "") -> Segment:
    """A DTM by the name of its qualifier in the table."""
    return ["DTM", tables.value("dates", name), day(date), *([time] if time else [])]


def day(date: dt.date) -> str:
    """CCYYMMDD."""
    return f"{date:%Y%m%d}"


def n1(role: str, name: str, duns: str, part: str = "") -> Segment:
    """A party with its DUNS: 9 digits have qualifier 1, 13 have 9."""
    segment = ["N1", role, name, "1" if len(duns) == _NINE_DIGITS else "9", duns]
    return [*segment, "", part] if part else segment


def parties(
    *, wires: Player, retailer: tuple[str, str], through_ercot: bool
) -> tuple[Segment, ...]:
    """TDSP, ERCOT where it passes the message on, retailer: 41 submits, 40 receives."""
    name, duns = retailer
    middle = (n1("AY", "ERCOT", tables.ercot().duns, "41"),) if through_ercot else ()
    first = n1("8S", wires.name, wires.duns, "" if through_ercot else "41")
    return (first, *middle, n1("SJ", name, duns, "40"))


def esi(esi_id: str) -> Segment:
    """REF*Q5 with the ESI ID in REF03."""
    return ref("esi_id", "", esi_id)


def lin(*services: str) -> Segment:
    """LIN with service codes by their names in the table, after SH/EL (and SH/CE for orders)."""
    first = ("EL",) if services[0] in _WITHOUT_GENERATION else ("EL", "CE")
    codes = [*first, *(tables.value("services", name) for name in services)]
    return ["LIN", "1", *(part for code in codes for part in ("SH", code))]


def asi(action: str, maintenance: str) -> Segment:
    """ASI by the names of action and maintenance type in the table."""
    return ["ASI", tables.value("actions", action), tables.value("maintenance", maintenance)]


def reasons(name: str, codes: Iterable[Code]) -> list[Segment]:
    """One REF for each reason."""
    return [ref(name, code.value, code.text) for code in codes]


def bgn(
    *, purpose: str, reference: str, date: dt.date, original: str = "", extra: str = "", last: str
) -> Segment:
    """BGN with BGN06, BGN07 and BGN08."""
    return ["BGN", purpose, reference, day(date), "", "", original, extra, last]


def meter_loop(premises: Premises, *, multiplier: str = "1") -> list[Segment]:
    """What an 814_05, 814_14, 814_20 or 814_22 tells of a meter."""
    return [
        ["NM1", "MQ", "3", "", "", "", "", "", "32", premises.meter],
        ref("multiplier", multiplier, "KHMON"),
        ref("dials", "5.0", "KHMON"),
        ref("time_of_use", "51", "KHMON"),
        ref("load_profile", premises.load_profile),
        ref("rate_class", premises.rate_class.upper()),
        ref("read_cycle", premises.cycle),
        ref("ams", "AMSR"),
    ]


def service_address(premises: Premises, *, customer: str) -> list[Segment]:
    """The N1*8R loop."""
    return [
        ["N1", "8R", customer or "CUSTOMER"],
        ["N3", premises.street.upper()],
        ["N4", premises.city.upper(), "TX", premises.zip_code],
    ]


def joined(*parts: Segment | Sequence[Segment]) -> list[Segment]:
    """Segments and lists of segments as one list."""
    segments: list[Segment] = []
    for part in parts:
        if part and isinstance(part[0], str):
            segments.append([str(text) for text in part])
        else:
            segments += [list(segment) for segment in part]
    return segments
