"""The plan document of `docs/formats/plan.md`, read field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.calendars import Shared, read_calendars, read_holidays, read_time_of_use
from tests.oracle.documents import (
    REQUIRED,
    Document,
    Reader,
    one_of,
    optional,
    read_fields,
    read_flag,
    read_list,
    read_object,
    read_text,
    read_whole,
    refuse_repeats,
)
from tests.oracle.exact import Refusal, read_decimal, read_not_negative
from tests.oracle.market_days import PRORATIONS, read_date
from tests.oracle.windows import WHOLE_YEAR, Bucket, Calendar, Window, read_window_times

TAXES = ("puc", "gross_receipts", "sales")
ALL_DAYS = frozenset({"weekday", "weekend", "holiday"})
Fields = Mapping[str, tuple[Reader, object]]


@dataclass(frozen=True, slots=True)
class Component:
    """One price component: its kind, its code, the taxes that reach its lines, its terms."""

    kind: str
    code: str
    label: str
    taxes: tuple[str, ...]
    terms: Document


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan's components in printed order, and what its label assumes."""

    code: str
    components: tuple[Component, ...]
    efl: Document | None


def read_positive(value: object, where: str) -> Fraction:
    """A quoted decimal above 0."""
    number = read_decimal(value, where)
    if number <= 0:
        raise Refusal("not_positive", where, f"{value} must be above 0")
    return number


def read_taxes(value: object, where: str) -> tuple[str, ...]:
    """Which of the three taxes reach a line."""
    return tuple(one_of(*TAXES)(tax, where) for tax in read_list(value, where))


def read_tiers(value: object, where: str) -> list[tuple[Fraction | None, Fraction]]:
    """Bands as (cumulative upper bound in kWh or None, price), the bounds rising, the last open."""
    tiers = []
    for number, tier in enumerate(read_list(value, where)):
        terms = read_fields(
            tier,
            f"{where}[{number}]",
            {
                "up_to_kwh": (optional(read_positive), None),
                "price_usd_per_kwh": (read_decimal, REQUIRED),
            },
        )
        tiers.append((terms["up_to_kwh"], terms["price_usd_per_kwh"]))
    if not tiers or tiers[-1][0] is not None:
        raise Refusal("bounded_tiers", where, "the last tier must be open")
    below = Fraction(0)
    for number, (bound, _) in enumerate(tiers[:-1]):
        if bound is None or bound <= below:
            raise Refusal("tiers_not_rising", f"{where}[{number}].up_to_kwh", "bounds must rise")
        below = bound
    return tiers


def read_bank(value: object, where: str) -> Document:
    """A credit bank and its cap in dollars, None without a cap."""
    return read_fields(value, where, {"cap_usd": (optional(read_not_negative), None)})


PRORATION: tuple[Reader, object] = (one_of(*PRORATIONS), "none")
USAGE_BAND: Fields = {
    "amount_usd": (read_positive, REQUIRED),
    "from_kwh": (read_not_negative, Fraction(0)),
    "to_kwh": (optional(read_not_negative), None),
    "include_from": (read_flag, True),
    "include_to": (read_flag, True),
    "proration": PRORATION,
}
SOLAR: Fields = {
    "mode": (one_of("fixed", "net_one_to_one", "real_time"), REQUIRED),
    "offset": (one_of("energy", "all"), "energy"),
    "bank": (optional(read_bank), None),
}
SOLAR_MODES: Mapping[str, Fields] = {
    "fixed": {"price_usd_per_kwh": (read_decimal, REQUIRED)},
    "net_one_to_one": {
        "price_usd_per_kwh": (read_decimal, REQUIRED),
        "excess_price_usd_per_kwh": (read_decimal, REQUIRED),
    },
    "real_time": {
        "series": (read_text, REQUIRED),
        "adder_usd_per_kwh": (read_decimal, Fraction(0)),
        "floor_usd_per_kwh": (optional(read_decimal), None),
    },
}
KINDS: Mapping[str, Fields] = {
    "base_charge_monthly": {
        "amount_usd": (read_decimal, REQUIRED),
        "proration": (one_of(*PRORATIONS), "days_over_30_capped"),
    },
    "base_charge_daily": {"amount_usd_per_day": (read_decimal, REQUIRED)},
    "energy_flat": {"price_usd_per_kwh": (read_decimal, REQUIRED)},
    "energy_tiered": {"tiers": (read_tiers, REQUIRED), "prorate_bounds": PRORATION},
    "free_nights": {
        "from": (read_text, REQUIRED),
        "to": (read_text, REQUIRED),
        "price_usd_per_kwh": (read_decimal, REQUIRED),
    },
    "energy_indexed": {
        "series": (read_text, REQUIRED),
        "adder_usd_per_kwh": (read_decimal, Fraction(0)),
    },
    "usage_credit": USAGE_BAND,
    "usage_fee": USAGE_BAND,
    "minimum_usage_fee": {
        "amount_usd": (read_decimal, REQUIRED),
        "below_kwh": (read_not_negative, REQUIRED),
        "include_limit": (read_flag, False),
        "proration": PRORATION,
    },
    "demand": {
        "price_usd_per_kw": (read_decimal, REQUIRED),
        "ratchet_percent": (optional(read_not_negative), None),
        "round_kw_decimals": (optional(read_whole), None),
    },
    "one_off": {
        "amount_usd": (read_decimal, REQUIRED),
        "on": (one_of("first_bill", "final_bill"), "first_bill"),
    },
    "delivery": {},
}
EFL: Fields = {
    "tdsp": (read_text, None),
    "rate_class": (read_text, None),
    "label_date": (read_date, REQUIRED),
    "includes_puc_assessment": (read_flag, False),
    "bucket_shares": (read_object, {}),
    "assumed_index_usd_per_kwh": (read_object, {}),
    "assumed_load_factor": (optional(read_positive), None),
    "average_prices_cents": (read_object, {}),
}


def read_plan(document: object, where: str) -> Plan:
    """A plan document; refused with the path of the first field that makes no sense."""
    terms = read_fields(
        document,
        where,
        {
            "plan": (read_text, REQUIRED),
            "name": (read_text, REQUIRED),
            "brand": (read_text, REQUIRED),
            "product_type": (one_of("fixed", "variable", "indexed"), REQUIRED),
            "customer_class": (
                one_of("residential", "small_commercial", "large_commercial"),
                REQUIRED,
            ),
            "term_months": (read_whole, REQUIRED),
            "early_termination_fee_usd": (optional(read_not_negative), None),
            "holidays": (read_object, {}),
            "calendars": (read_object, {}),
            "components": (read_list, REQUIRED),
            "efl": (optional(lambda value, path: read_fields(value, path, EFL)), None),
        },
    )
    shared = _read_shared(terms, where)
    components = tuple(
        _read_component(component, f"{where}.components[{number}]", shared)
        for number, component in enumerate(terms["components"])
    )
    refuse_repeats([component.code for component in components], f"{where}.components")
    for kind in ("solar_buyback", "delivery"):
        if sum(component.kind == kind for component in components) > 1:
            raise Refusal("too_many", f"{where}.components", f"at most one {kind} in a plan")
    return Plan(code=terms["plan"], components=components, efl=terms["efl"])


def _read_shared(terms: Document, where: str) -> Shared:
    holidays = {
        name: _read_dates(dates, f"{where}.holidays.{name}")
        for name, dates in terms["holidays"].items()
    }
    return Shared(
        holidays=holidays,
        calendars=read_calendars(terms["calendars"], f"{where}.calendars", holidays),
    )


def _read_dates(value: object, where: str) -> frozenset[dt.date]:
    return frozenset(read_date(date, where) for date in read_list(value, where))


def _read_component(value: object, where: str, shared: Shared) -> Component:
    document = dict(read_object(value, where))
    common: Document = {}
    readers: Mapping[str, Reader] = {
        "kind": read_text,
        "code": read_text,
        "label": read_text,
        "taxes": read_taxes,
    }
    defaults: Document = {"label": str(document.get("kind")), "taxes": TAXES}
    for name, reader in readers.items():
        if name in document:
            common[name] = reader(document.pop(name), f"{where}.{name}")
        elif name in defaults:
            common[name] = defaults[name]
        else:
            raise Refusal("missing_field", f"{where}.{name}", "this field must be given")
    return Component(**common, terms=_read_terms(common["kind"], document, where, shared))


def _read_terms(kind: str, document: Document, where: str, shared: Shared) -> Document:
    if kind == "energy_time_of_use":
        return read_time_of_use(document, where, shared)
    if kind == "free_weekends":
        return _free_weekends(document, where, shared)
    if kind == "solar_buyback":
        mode = one_of(*SOLAR_MODES)(document.get("mode"), f"{where}.mode")
        return read_fields(document, where, {**SOLAR, **SOLAR_MODES[mode]})
    if kind not in KINDS:
        raise Refusal("unknown_word", f"{where}.kind", f"{kind!r} is no kind of component")
    terms = read_fields(document, where, KINDS[kind])
    if kind == "free_nights":
        start, end = read_window_times(terms["from"], terms["to"], where)
        night = Window(start=start, end=end, days=ALL_DAYS, seasons=WHOLE_YEAR)
        return _free_and_paid([night], terms["price_usd_per_kwh"], frozenset())
    if kind in ("usage_credit", "usage_fee"):
        _refuse_empty_band(terms, where)
    return terms


def _free_weekends(document: Document, where: str, shared: Shared) -> Document:
    def read_list_or_name(value: Any, path: str) -> frozenset[dt.date]:
        return read_holidays(value, path, shared.holidays)

    terms = read_fields(
        document,
        where,
        {
            "price_usd_per_kwh": (read_decimal, REQUIRED),
            "free_holidays": (optional(read_list_or_name), frozenset()),
        },
    )
    holidays = terms["free_holidays"] or frozenset()
    free_days = frozenset({"weekend", "holiday"})
    weekend = Window(start=0, end=24 * 60, days=free_days, seasons=WHOLE_YEAR)
    return _free_and_paid([weekend], terms["price_usd_per_kwh"], holidays)


def _free_and_paid(
    windows: list[Window], price: Fraction, holidays: frozenset[dt.date]
) -> Document:
    calendar = Calendar(
        buckets=(Bucket(name="free", label="free", windows=tuple(windows)),),
        otherwise=Bucket(name="otherwise", label="otherwise", windows=()),
        holidays=holidays,
    )
    return {"calendar": calendar, "prices": {"free": Fraction(0), "otherwise": price}}


def _refuse_empty_band(terms: Document, where: str) -> None:
    start, end = terms["from_kwh"], terms["to_kwh"]
    if end is not None and end < start:
        raise Refusal("empty_band", f"{where}.to_kwh", "the band ends before it begins")
