"""Reading price components out of a plan document, one function for each kind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ossrep.rating.calendar_documents import SharedDocuments
from ossrep.rating.component_reading import (
    SERIES_PATTERN,
    Reading,
    read_demand_rule,
    read_taxes,
)
from ossrep.rating.documents import USD_MAX, FieldReader
from ossrep.rating.energy_documents import (
    energy_flat,
    energy_indexed,
    energy_tiered,
    energy_time_of_use,
    free_nights,
    free_weekends,
)
from ossrep.rating.plan import (
    ALL_TAXES,
    BaseChargeDaily,
    BaseChargeMonthly,
    BuybackMode,
    Component,
    CreditBank,
    Delivery,
    Demand,
    MinimumUsageFee,
    Offset,
    OneOff,
    OneOffOn,
    Proration,
    SolarBuyback,
    UsageBand,
    UsageCredit,
    UsageFee,
)

_CODE = r"[a-z0-9_]{1,64}"
_SMALLEST = Decimal("0.00000001")


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


def _base_charge_monthly(r: Reading) -> Component:
    return BaseChargeMonthly(
        amount_usd=r.fields.decimal("amount_usd"),
        proration=r.fields.choice("proration", Proration, Proration.DAYS_OVER_30_CAPPED),
        **r.common,
    )


def _base_charge_daily(r: Reading) -> Component:
    return BaseChargeDaily(amount_usd_per_day=r.fields.decimal("amount_usd_per_day"), **r.common)


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
        terms["series"] = r.fields.text("series", pattern=SERIES_PATTERN)
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
    "energy_flat": ("Energy charge", energy_flat),
    "energy_tiered": ("Energy charge", energy_tiered),
    "energy_time_of_use": ("Energy charge", energy_time_of_use),
    "free_nights": ("Energy charge", free_nights),
    "free_weekends": ("Energy charge", free_weekends),
    "energy_indexed": ("Energy charge at market price", energy_indexed),
    "usage_credit": ("Usage credit", _usage_credit),
    "usage_fee": ("Usage fee", _usage_fee),
    "minimum_usage_fee": ("Minimum usage fee", _minimum_usage_fee),
    "demand": ("Demand charge", _demand),
    "one_off": ("One-time charge", _one_off),
    "solar_buyback": ("Solar buyback", _solar_buyback),
    "delivery": ("TDSP delivery charges", _delivery),
}
"""By kind: the usual words of its line, and how its fields are read."""
