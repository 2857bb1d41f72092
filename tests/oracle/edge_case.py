"""A named case at an edge of a rule, with what must come out of it, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.oracle.building import case_of, component_of, period_of, plan_of, registers, site_of
from tests.oracle.documents import Document
from tests.oracle.market_days import Period

JUNE = period_of("2026-06-01", 30)
FORTNIGHT = period_of("2026-07-20", 14)
HALF_MONTH = period_of("2026-06-01", 15)


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """A case, the rule that it is at the edge of, and the parts of the bill that it fixes.

    Keys of `expected`: `amounts` of the lines in order; `taxes` as (code, place, amount);
    `splits` as the amounts of each tax's parts; `bank` of the first site; `average`; `total`;
    or `refused`.
    """

    name: str
    rule: str
    case: Document
    expected: Document = field(default_factory=dict)


def edge(
    name: str, rule: str, period: Period, *sites: Document, expected: Document, **case: object
) -> EdgeCase:
    """An edge case of one or several sites."""
    return EdgeCase(name, rule, case_of(name, period, sites, **case), expected)


def flat(price: str, code: str = "energy", **fields: object) -> Document:
    """Flat energy."""
    return component_of("energy_flat", code, price_usd_per_kwh=price, **fields)


def by_registers(kwh: str, *components: Document, **fields: object) -> Document:
    """A site of which only the imported kWh are known."""
    return site_of(plan_of(*components), registers(kwh), **fields)
