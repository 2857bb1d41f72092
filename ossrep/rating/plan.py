"""What a plan says, as values: one frozen class for each kind of price component."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from ossrep.rating.calendars import TouBucket, TouCalendar


class Tax(StrEnum):
    """The three taxes and assessments that may reach a component's lines."""

    PUC = "puc"
    GROSS_RECEIPTS = "gross_receipts"
    SALES = "sales"


ALL_TAXES = frozenset(Tax)


class Proration(StrEnum):
    """How a period pays its share of a monthly amount (plan.md, ``proration``)."""

    NONE = "none"
    DAYS_OVER_30_CAPPED = "days_over_30_capped"
    DAYS_OVER_30 = "days_over_30"
    CALENDAR_MONTH = "calendar_month"


class OneOffOn(StrEnum):
    """The bill on which a one-off fee or credit stands."""

    FIRST_BILL = "first_bill"
    FINAL_BILL = "final_bill"


class BuybackMode(StrEnum):
    """How exported energy is paid."""

    FIXED = "fixed"
    NET_ONE_TO_ONE = "net_one_to_one"
    REAL_TIME = "real_time"


class Offset(StrEnum):
    """Which charges buyback credits may offset: the energy lines, or the whole bill."""

    ENERGY = "energy"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What every component has; ``label`` is the text of the bill's line."""

    kind: ClassVar[str]
    code: str
    label: str
    taxes: frozenset[Tax] = ALL_TAXES


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseChargeMonthly(Component):
    """An amount for a month, of which the period pays its share."""

    kind: ClassVar[str] = "base_charge_monthly"
    amount_usd: Decimal
    proration: Proration = Proration.DAYS_OVER_30_CAPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseChargeDaily(Component):
    """An amount for each day; the start day counts, the end day does not."""

    kind: ClassVar[str] = "base_charge_daily"
    amount_usd_per_day: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyFlat(Component):
    """One price for every imported kWh."""

    kind: ClassVar[str] = "energy_flat"
    price_usd_per_kwh: Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    """A band of the period's kWh up to a cumulative bound; the last band is open (None)."""

    up_to_kwh: Decimal | None
    price_usd_per_kwh: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTiered(Component):
    """Bands with rising cumulative bounds, each with its own price and line."""

    kind: ClassVar[str] = "energy_tiered"
    tiers: tuple[Tier, ...]
    prorate_bounds: Proration = Proration.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTimeOfUse(Component):
    """A price for each bucket of a calendar; free nights and free weekends read as one of these.

    ``prices_usd_per_kwh`` has an entry for every bucket of ``calendar``, ``otherwise`` included.
    ``source_kind`` is the kind that the document printed and the line's kind.
    """

    kind: ClassVar[str] = "energy_time_of_use"
    calendar: TouCalendar
    prices_usd_per_kwh: Mapping[str, Decimal]
    source_kind: str = "energy_time_of_use"

    def price_of(self, bucket: TouBucket) -> Decimal:
        """The price of one bucket in dollars per kWh."""
        return self.prices_usd_per_kwh[bucket.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyIndexed(Component):
    """The market price of each quarter hour, or of its day, plus an adder."""

    kind: ClassVar[str] = "energy_indexed"
    series: str
    adder_usd_per_kwh: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class UsageBand:
    """A range of the period's kWh; ``to_kwh`` None is open. Ends count where included."""

    from_kwh: Decimal = Decimal(0)
    to_kwh: Decimal | None = None
    include_from: bool = True
    include_to: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCredit(Component):
    """A credit when the period's kWh lies in the band; ``amount_usd`` is positive."""

    kind: ClassVar[str] = "usage_credit"
    amount_usd: Decimal
    band: UsageBand = UsageBand()
    proration: Proration = Proration.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFee(Component):
    """A fee when the period's kWh lies in the band."""

    kind: ClassVar[str] = "usage_fee"
    amount_usd: Decimal
    band: UsageBand = UsageBand()
    proration: Proration = Proration.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumUsageFee(Component):
    """A fee when the period's kWh is below the limit, or at it where printed."""

    kind: ClassVar[str] = "minimum_usage_fee"
    amount_usd: Decimal
    below_kwh: Decimal
    include_limit: bool = False
    proration: Proration = Proration.NONE


@dataclass(frozen=True, slots=True)
class DemandRule:
    """How billing kW comes from measured kW: rounding first, then the ratchet."""

    ratchet_percent: Decimal | None = None
    round_kw_decimals: int | None = None


MEASURED_DEMAND = DemandRule()
"""Billing kW are the measured kW."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(Component):
    """A price for each billing kW."""

    kind: ClassVar[str] = "demand"
    price_usd_per_kw: Decimal
    rule: DemandRule = MEASURED_DEMAND


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff(Component):
    """A fee, or a credit where negative, on the first or the final bill; never recurring."""

    kind: ClassVar[str] = "one_off"
    amount_usd: Decimal
    on: OneOffOn = OneOffOn.FIRST_BILL


@dataclass(frozen=True, slots=True)
class CreditBank:
    """A bank for what offsets nothing this month; ``cap_usd`` None has no cap."""

    cap_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarBuyback(Component):
    """Pay for exported energy. Which fields are set follows from ``mode``."""

    kind: ClassVar[str] = "solar_buyback"
    mode: BuybackMode
    price_usd_per_kwh: Decimal | None = None
    excess_price_usd_per_kwh: Decimal | None = None
    series: str | None = None
    adder_usd_per_kwh: Decimal = Decimal(0)
    floor_usd_per_kwh: Decimal | None = None
    offset: Offset = Offset.ENERGY
    bank: CreditBank | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Component):
    """Passes the TDSP's charges through."""

    kind: ClassVar[str] = "delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class EflAssumptions:
    """What the Electricity Facts Label assumes and prints."""

    tdsp: str | None = None
    rate_class: str | None = None
    label_date: dt.date | None = None
    includes_puc_assessment: bool = False
    bucket_shares: Mapping[str, Mapping[str, Decimal]]
    assumed_index_usd_per_kwh: Mapping[str, Decimal]
    assumed_load_factor: Decimal | None = None
    average_prices_cents: Mapping[int, Decimal]
    renewable_percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole plan, read and judged: everything its bill and its label need."""

    code: str
    name: str
    brand: str
    product_type: str
    customer_class: str
    term_months: int
    early_termination_fee_usd: Decimal | None
    components: tuple[Component, ...]
    efl: EflAssumptions | None

    def component(self, code: str) -> Component:
        """The component of that code; KeyError where there is none."""
        for component in self.components:
            if component.code == code:
                return component
        raise KeyError(code)
