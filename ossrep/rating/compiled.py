"""A compiled plan, as values: templates of lines with the rule and the rate of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ossrep.kernel.periods import DatePeriod
from ossrep.rating.exact import Scale
from ossrep.rating.lines import LineTemplate
from ossrep.rating.plan import Delivery, Offset, Plan
from ossrep.rating.rules import Rule
from ossrep.rating.selection import Selection


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """What each quarter hour is multiplied by: ``max(price of the series + adder, floor)``."""

    series: str
    adder_e8: int
    floor_e8: int | None


@dataclass(frozen=True, slots=True)
class CompiledLine:
    """A line whose amount is quantity x rate, rounded once.

    With ``market`` the amount is instead the sum over quarter hours of imported Wh x price in
    10**-8 dollars, times ``cents_per_unit``.
    """

    template: LineTemplate
    rule: Rule
    cents_per_unit: Fraction
    market: MarketPrice | None = None
    usd: Scale = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "usd", Scale.of(self.cents_per_unit / 100))


@dataclass(frozen=True, slots=True)
class CompiledEarning:
    """One kind of pay for exports; it shows as a credit line, or below zero as a charge line."""

    credit: LineTemplate
    charge: LineTemplate
    rule: Rule
    cents_per_unit: Fraction
    market: MarketPrice | None = None
    usd: Scale = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "usd", Scale.of(self.cents_per_unit / 100))


@dataclass(frozen=True, slots=True)
class CompiledBuyback:
    """The buyback component: earnings in the order in which they offset, then the bank."""

    earnings: tuple[CompiledEarning, ...]
    bank_used: LineTemplate
    offset: Offset
    has_bank: bool
    cap_cents: int | None

    @property
    def templates(self) -> tuple[LineTemplate, ...]:
        """The lines in printed order: credit and charge of each earning, then the bank."""
        pairs = [template for e in self.earnings for template in (e.credit, e.charge)]
        return (*pairs, self.bank_used)


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan ready to rate blocks of one period. Made by ``compile_plan``; may be cached.

    ``parts`` are in printed order; a buyback stands for several lines. ``delivery`` is the
    plan's delivery component, None where delivery is not passed through.
    """

    plan: Plan
    period: DatePeriod
    parts: tuple[CompiledLine | CompiledBuyback, ...]
    selection: Selection
    needs_intervals: bool
    needs_export_intervals: bool
    needs_demand: bool
    delivery: Delivery | None

    @property
    def templates(self) -> tuple[LineTemplate, ...]:
        """Every line that a bill of this plan may have, in printed order."""
        lines: list[LineTemplate] = []
        for part in self.parts:
            lines.extend(part.templates if isinstance(part, CompiledBuyback) else (part.template,))
        return tuple(lines)

    @property
    def market_prices(self) -> tuple[MarketPrice, ...]:
        """The market prices that the plan multiplies usage by."""
        found: list[MarketPrice] = []
        for part in self.parts:
            lines = part.earnings if isinstance(part, CompiledBuyback) else (part,)
            found.extend(line.market for line in lines if line.market is not None)
        return tuple(found)
