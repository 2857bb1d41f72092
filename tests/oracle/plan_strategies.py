"""Strategies of plans: every kind of component, in combination and in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hypothesis import strategies as st

from tests.oracle.building import component_of, plan_of, tier
from tests.oracle.calendar_strategies import time_of_use_fields
from tests.oracle.documents import Document
from tests.oracle.market_days import PRORATIONS, Period
from tests.oracle.number_strategies import (
    amounts,
    buyback_prices,
    decimals,
    mostly,
    plan_prices,
    rarely,
    signed_amounts,
    thresholds,
)

QUARTER_HOUR_SERIES = "RTM_HOUSTON"
DAILY_SERIES = "DAILY_INDEX"
INTERVAL_KINDS = (
    "energy_time_of_use",
    "energy_time_of_use",
    "energy_indexed",
    "free_nights",
    "free_weekends",
)
REGISTER_KINDS = ("energy_tiered", "energy_tiered", "energy_flat")
Draw = st.DrawFn
prorations = st.sampled_from(PRORATIONS)
series = st.sampled_from((QUARTER_HOUR_SERIES, DAILY_SERIES))
some_taxes = st.lists(st.sampled_from(("puc", "gross_receipts", "sales")), unique=True)


@st.composite
def plans(draw: Draw, *, period: Period, registers: bool, delivery: bool) -> Document:
    """A plan whose components the usage can serve: registers cannot serve time of use."""
    kinds = draw(_kinds(registers=registers))
    if delivery:
        kinds.append("delivery")
    shared: Document = {"holidays": {}, "calendars": {}}
    components = []
    for number, kind in enumerate(draw(st.permutations(kinds))):
        fields = draw(_fields(kind, period, shared, registers=registers))
        component = component_of(kind, f"{kind}_{number}", **fields)
        if draw(rarely):
            component["taxes"] = draw(some_taxes)
        components.append(component)
    return plan_of(*components, **{name: value for name, value in shared.items() if value})


@st.composite
def _kinds(draw: Draw, *, registers: bool) -> list[str]:
    energy = st.sampled_from(REGISTER_KINDS if registers else (*INTERVAL_KINDS, *REGISTER_KINDS))
    count = draw(st.sampled_from((1, 1, 1, 2, 0)))
    kinds = draw(st.lists(energy, min_size=count, max_size=count))
    others = st.sampled_from(
        (
            "base_charge_monthly",
            "base_charge_daily",
            "usage_credit",
            "usage_fee",
            "minimum_usage_fee",
            "demand",
            "one_off",
        )
    )
    kinds += draw(st.lists(others, min_size=0 if kinds else 1, max_size=4))
    if draw(st.booleans()):
        kinds.append("solar_buyback")
    return kinds


@st.composite
def _fields(
    draw: Draw, kind: str, period: Period, shared: Document, *, registers: bool
) -> Document:
    if kind == "energy_time_of_use":
        return draw(time_of_use_fields(period=period, shared=shared))
    if kind == "free_weekends":
        return draw(_free_weekends(period))
    if kind == "solar_buyback":
        return draw(_solar(registers=registers))
    return draw(_FIELDS[kind]())


def _base_charge_monthly() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"amount_usd": amounts() | st.just("0.00")}, optional={"proration": prorations}
    )


def _base_charge_daily() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries({"amount_usd_per_day": decimals(0, 999, 3)})


def _energy_flat() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries({"price_usd_per_kwh": plan_prices()})


@st.composite
def _energy_tiered(draw: Draw) -> Document:
    bounds = draw(st.lists(thresholds(), unique=True, max_size=3))
    tiers = [tier(bound, draw(plan_prices())) for bound in sorted(bounds, key=float)]
    fields: Document = {"tiers": [*tiers, tier(None, draw(plan_prices()))]}
    if draw(st.booleans()):
        fields["prorate_bounds"] = draw(prorations)
    return fields


@st.composite
def _free_nights(draw: Draw) -> Document:
    start, end = draw(
        st.sampled_from(
            (("20:00", "06:00"), ("21:00", "24:00"), ("00:00", "06:00"), ("01:00", "02:00"))
        )
    )
    return {"from": start, "to": end, "price_usd_per_kwh": draw(plan_prices())}


@st.composite
def _free_weekends(draw: Draw, period: Period) -> Document:
    fields: Document = {"price_usd_per_kwh": draw(plan_prices())}
    if draw(st.booleans()):
        fields["free_holidays"] = draw(holiday_dates(period))
    return fields


def holiday_dates(period: Period) -> st.SearchStrategy[list[str]]:
    """A few dates of the period, or just beside it."""
    first = period.start - dt.timedelta(days=1)
    last = period.end
    return st.lists(st.dates(first, last).map(str), unique=True, max_size=3)


def _energy_indexed() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"series": series}, optional={"adder_usd_per_kwh": decimals(-100_000, 5_000_000, 8)}
    )


@st.composite
def _usage_band(draw: Draw) -> Document:
    start, end = draw(st.none() | thresholds()), draw(st.none() | thresholds())
    if start is not None and end is not None and float(start) > float(end):
        start, end = end, start
    fields: Document = {"amount_usd": draw(amounts())}
    if start is not None:
        fields["from_kwh"] = start
    if end is not None:
        fields["to_kwh"] = end
    if start != end or start is None:
        fields["include_from"] = draw(st.booleans())
        fields["include_to"] = draw(st.booleans())
    if draw(st.booleans()):
        fields["proration"] = draw(prorations)
    return fields


def _minimum_usage_fee() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"amount_usd": amounts(), "below_kwh": thresholds()},
        optional={"include_limit": st.booleans(), "proration": prorations},
    )


def _demand() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"price_usd_per_kw": decimals(0, 2_000, 2)},
        optional={
            "ratchet_percent": st.sampled_from(("80", "100", "33.3")),
            "round_kw_decimals": st.integers(0, 2),
        },
    )


def _one_off() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"amount_usd": signed_amounts()},
        optional={"on": st.sampled_from(("first_bill", "final_bill"))},
    )


@st.composite
def _solar(draw: Draw, *, registers: bool) -> Document:
    modes = ("fixed", "net_one_to_one") if registers else ("fixed", "net_one_to_one", "real_time")
    fields: Document = {"mode": draw(st.sampled_from(modes))}
    if fields["mode"] == "real_time":
        fields["series"] = draw(series)
        if draw(st.booleans()):
            fields["adder_usd_per_kwh"] = draw(decimals(-5_000_000, 5_000_000, 8))
        if draw(st.booleans()):
            fields["floor_usd_per_kwh"] = draw(st.sampled_from(("0", "-0.01", "0.02")))
    else:
        fields["price_usd_per_kwh"] = draw(buyback_prices())
    if fields["mode"] == "net_one_to_one":
        fields["excess_price_usd_per_kwh"] = draw(buyback_prices())
    if draw(st.booleans()):
        fields["offset"] = draw(st.sampled_from(("energy", "all")))
    if draw(mostly):
        fields["bank"] = {"cap_usd": draw(st.none() | decimals(0, 10_000, 2))}
    return fields


_FIELDS: dict[str, Callable[[], st.SearchStrategy[Document]]] = {
    "base_charge_monthly": _base_charge_monthly,
    "base_charge_daily": _base_charge_daily,
    "energy_flat": _energy_flat,
    "energy_tiered": _energy_tiered,
    "free_nights": _free_nights,
    "energy_indexed": _energy_indexed,
    "usage_credit": _usage_band,
    "usage_fee": _usage_band,
    "minimum_usage_fee": _minimum_usage_fee,
    "demand": _demand,
    "one_off": _one_off,
    "delivery": lambda: st.just({}),
}
