"""Reading price components out of a plan document, one function for each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ossrep.rating.calendar_documents import (
    SharedDocuments,
    read_calendar,
    read_holidays,
    read_span,
)
from ossrep.rating.calendars import (
    MINUTES_PER_DAY,
    DayType,
    TouBucket,
    TouCalendar,
    Window,
)
from ossrep.rating.documents import USD_MAX, FieldReader
from ossrep.rating.plan import (
    ALL_TAXES,
    BaseChargeDaily,
    BaseChargeMonthly,
    BuybackMode,
    Component,
    CreditBank,
    Delivery,
    Demand,
    DemandRule,
    EnergyFlat,
    EnergyIndexed,
    EnergyTiered,
    EnergyTimeOfUse,
    MinimumUsageFee,
    Offset,
    OneOff,
    OneOffOn,
    Proration,
    SolarBuyback,
    Tax,
    Tier,
    UsageBand,
    UsageCredit,
    UsageFee,
)

FREE_BUCKET = "free"
OTHERWISE_BUCKET = "otherwise"
TIERS_MAX = 24
RATCHET_DECIMALS = 4
_SERIES = r"[A-Za-z0-9_.:-]{1,64}"
_CODE = r"[a-z0-9_]{1,64}"
_SMALLEST = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Reading:
    """One component's fields, what all kinds have in common, and what plans share."""

    fields: FieldReader
    common: dict[str, Any]
    shared: SharedDocuments

    @property
    def label(self) -> str:
        """The text of the bill's line."""
        return str(self.common["label"])


def read_component(fields: FieldReader, shared: SharedDocuments) -> Component | None:
    """A component of any kind; None where its kind is unknown. Problems are noted."""
    kind = fields.required("kind")
    code = fields.text("code", pattern=_CODE)
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        if kind is not None:
            fields.note("kind", f"must be one of {', '.join(KINDS)}: {kind!r}")
        return None
    label, read = known
    common: dict[str, Any] = {
        "code": code,
        "label": fields.text("label", default=label),
        "taxes": read_taxes(fields, ALL_TAXES),
    }
    component = read(Reading(fields, common, shared))
    fields.finish()
    return component


def read_taxes(fields: FieldReader, default: frozenset[Tax]) -> frozenset[Tax]:
    """The taxes that reach a line; an empty list is none of them."""
    if not fields.has("taxes"):
        fields.take("taxes")
        return default
    taxes: set[Tax] = set()
    for path, item in fields.items("taxes"):
        if item not in list(Tax):
            fields.problems.add(path, f"must be one of {', '.join(Tax)}: {item!r}")
        elif item in taxes:
            fields.problems.add(path, f"{item} stands twice")
        else:
            taxes.add(Tax(str(item)))
    return frozenset(taxes)


def read_demand_rule(fields: FieldReader) -> DemandRule:
    """``ratchet_percent`` and ``round_kw_decimals``."""
    return DemandRule(
        ratchet_percent=fields.optional_decimal(
            "ratchet_percent", decimals=RATCHET_DECIMALS, low=Decimal(0), high=Decimal(100)
        ),
        round_kw_decimals=fields.whole("round_kw_decimals", 0, 8),
    )


def _base_charge_monthly(r: Reading) -> Component:
    return BaseChargeMonthly(
        amount_usd=r.fields.decimal("amount_usd"),
        proration=r.fields.choice("proration", Proration, Proration.DAYS_OVER_30_CAPPED),
        **r.common,
    )


def _base_charge_daily(r: Reading) -> Component:
    return BaseChargeDaily(amount_usd_per_day=r.fields.decimal("amount_usd_per_day"), **r.common)


def _energy_flat(r: Reading) -> Component:
    return EnergyFlat(price_usd_per_kwh=r.fields.decimal("price_usd_per_kwh"), **r.common)


def _energy_tiered(r: Reading) -> Component:
    r.fields.required("tiers")
    tiers: list[Tier] = []
    paths: list[str] = []
    for path, item in r.fields.items("tiers", most=TIERS_MAX):
        fields = FieldReader(item, path, r.fields.problems)
        up_to = fields.optional_kwh("up_to_kwh")
        tiers.append(Tier(up_to, fields.decimal("price_usd_per_kwh")))
        paths.append(path)
        fields.finish()
    if r.fields.take("tiers") == []:
        r.fields.note("tiers", "must hold at least one tier")
    _note_bounds(r.fields, tiers, paths)
    return EnergyTiered(
        tiers=tuple(tiers),
        prorate_bounds=r.fields.choice("prorate_bounds", Proration, Proration.NONE),
        **r.common,
    )


def _note_bounds(fields: FieldReader, tiers: list[Tier], paths: list[str]) -> None:
    before = Decimal(0)
    for number, (tier, path) in enumerate(zip(tiers, paths, strict=True), start=1):
        last = number == len(tiers)
        if last and tier.up_to_kwh is not None:
            fields.problems.add(
                f"{path}.up_to_kwh", "the last tier must be open: leave up_to_kwh out"
            )
        elif not last and tier.up_to_kwh is None:
            fields.problems.add(f"{path}.up_to_kwh", "is missing; only the last tier is open")
        elif tier.up_to_kwh is not None and tier.up_to_kwh <= before:
            fields.problems.add(
                f"{path}.up_to_kwh", f"must be above {before}, the bound before: {tier.up_to_kwh}"
            )
        before = before if tier.up_to_kwh is None else tier.up_to_kwh


def _energy_time_of_use(r: Reading) -> Component:
    if r.fields.has("calendar"):
        return _named_calendar(r)
    r.fields.take("calendar")
    read = read_calendar(r.fields, r.shared, line_label=r.label, priced=True)
    return EnergyTimeOfUse(calendar=read.calendar, prices_usd_per_kwh=read.prices, **r.common)


def _named_calendar(r: Reading) -> Component:
    name = r.fields.text("calendar")
    calendar = TouCalendar((), TouBucket(OTHERWISE_BUCKET, r.label))
    if name in r.shared.calendars:
        path, document = r.shared.calendars[name]
        reader = FieldReader(document, path, r.fields.problems)
        calendar = read_calendar(reader, r.shared, line_label=r.label, priced=False).calendar
        reader.finish()
    elif name:
        r.fields.note("calendar", f"no calendar is named {name!r}")
    r.fields.required("prices")
    names = {bucket.name for bucket in calendar.all_buckets}
    prices_reader = r.fields.inside("prices") if r.fields.has("prices") else None
    prices: dict[str, Decimal] = dict.fromkeys(names, Decimal(0))
    if prices_reader is not None and name in r.shared.calendars:
        prices = {bucket: prices_reader.decimal(bucket) for bucket in sorted(names)}
        prices_reader.finish()
    return EnergyTimeOfUse(calendar=calendar, prices_usd_per_kwh=prices, **r.common)


def _free_nights(r: Reading) -> Component:
    first, last = read_span(r.fields)
    return _free_hours(r, "free nights", Window(first, last), frozenset())


def _free_weekends(r: Reading) -> Component:
    # Saturday and Sunday are free whether holidays or not; the listed holidays are free too.
    window = Window(0, MINUTES_PER_DAY, frozenset({DayType.WEEKEND, DayType.HOLIDAY}))
    holidays = read_holidays(r.fields, "free_holidays", r.shared)
    return _free_hours(r, "free weekends", window, holidays)


def _free_hours(
    r: Reading, words: str, window: Window, holidays: frozenset[dt.date]
) -> EnergyTimeOfUse:
    free = TouBucket(FREE_BUCKET, f"{r.label}, {words}", (window,))
    rest = TouBucket(OTHERWISE_BUCKET, f"{r.label}, other hours")
    return EnergyTimeOfUse(
        calendar=TouCalendar((free,), rest, holidays),
        prices_usd_per_kwh={
            FREE_BUCKET: Decimal(0),
            OTHERWISE_BUCKET: r.fields.decimal("price_usd_per_kwh"),
        },
        source_kind=r.fields.take("kind"),
        **r.common,
    )


def _energy_indexed(r: Reading) -> Component:
    return EnergyIndexed(
        series=r.fields.text("series", pattern=_SERIES),
        adder_usd_per_kwh=r.fields.decimal("adder_usd_per_kwh", default="0"),
        **r.common,
    )


def _usage_credit(r: Reading) -> Component:
    return UsageCredit(**_banded(r), **r.common)


def _usage_fee(r: Reading) -> Component:
    return UsageFee(**_banded(r), **r.common)


def _banded(r: Reading) -> dict[str, Any]:
    band = UsageBand(
        from_kwh=r.fields.kwh("from_kwh", default="0"),
        to_kwh=r.fields.optional_kwh("to_kwh"),
        include_from=r.fields.flag("include_from", True),
        include_to=r.fields.flag("include_to", True),
    )
    if band.to_kwh is not None:
        both = band.include_from and band.include_to
        if band.to_kwh < band.from_kwh or (band.to_kwh == band.from_kwh and not both):
            r.fields.note("to_kwh", f"no usage lies from {band.from_kwh} to {band.to_kwh} kWh")
    return {
        "amount_usd": r.fields.decimal("amount_usd", low=_SMALLEST, high=USD_MAX),
        "band": band,
        "proration": r.fields.choice("proration", Proration, Proration.NONE),
    }


def _minimum_usage_fee(r: Reading) -> Component:
    return MinimumUsageFee(
        amount_usd=r.fields.decimal("amount_usd", low=Decimal(0), high=USD_MAX),
        below_kwh=r.fields.kwh("below_kwh"),
        include_limit=r.fields.flag("include_limit", False),
        proration=r.fields.choice("proration", Proration, Proration.NONE),
        **r.common,
    )


def _demand(r: Reading) -> Component:
    return Demand(
        price_usd_per_kw=r.fields.decimal("price_usd_per_kw"),
        rule=read_demand_rule(r.fields),
        **r.common,
    )


def _one_off(r: Reading) -> Component:
    return OneOff(
        amount_usd=r.fields.decimal("amount_usd"),
        on=r.fields.choice("on", OneOffOn, OneOffOn.FIRST_BILL),
        **r.common,
    )


def _solar_buyback(r: Reading) -> Component:
    mode = r.fields.choice("mode", BuybackMode)
    terms: dict[str, Any] = {}
    if mode is BuybackMode.REAL_TIME:
        terms["series"] = r.fields.text("series", pattern=_SERIES)
        terms["adder_usd_per_kwh"] = r.fields.decimal("adder_usd_per_kwh", default="0")
        terms["floor_usd_per_kwh"] = r.fields.optional_decimal("floor_usd_per_kwh")
    else:
        terms["price_usd_per_kwh"] = r.fields.decimal("price_usd_per_kwh")
    if mode is BuybackMode.NET_ONE_TO_ONE:
        terms["excess_price_usd_per_kwh"] = r.fields.decimal("excess_price_usd_per_kwh")
    return SolarBuyback(
        mode=mode,
        offset=r.fields.choice("offset", Offset, Offset.ENERGY),
        bank=_bank(r.fields),
        **terms,
        **r.common,
    )


def _bank(fields: FieldReader) -> CreditBank | None:
    if not fields.has("bank"):
        fields.take("bank")
        return None
    bank = fields.inside("bank")
    cap = bank.optional_decimal("cap_usd", decimals=2, low=Decimal(0), high=USD_MAX)
    bank.finish()
    return CreditBank(cap_usd=cap)


def _delivery(r: Reading) -> Component:
    return Delivery(**r.common)


KINDS: dict[str, tuple[str, Callable[[Reading], Component]]] = {
    "base_charge_monthly": ("Base charge", _base_charge_monthly),
    "base_charge_daily": ("Daily charge", _base_charge_daily),
    "energy_flat": ("Energy charge", _energy_flat),
    "energy_tiered": ("Energy charge", _energy_tiered),
    "energy_time_of_use": ("Energy charge", _energy_time_of_use),
    "free_nights": ("Energy charge", _free_nights),
    "free_weekends": ("Energy charge", _free_weekends),
    "energy_indexed": ("Energy charge at market price", _energy_indexed),
    "usage_credit": ("Usage credit", _usage_credit),
    "usage_fee": ("Usage fee", _usage_fee),
    "minimum_usage_fee": ("Minimum usage fee", _minimum_usage_fee),
    "demand": ("Demand charge", _demand),
    "one_off": ("One-time charge", _one_off),
    "solar_buyback": ("Solar buyback", _solar_buyback),
    "delivery": ("TDSP delivery charges", _delivery),
}
"""By kind: the usual words of its line, and how its fields are read."""
