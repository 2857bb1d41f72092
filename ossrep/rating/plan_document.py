"""Reading a plan document (``docs/formats/plan.md``), all of its problems at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ossrep.rating.calendar_documents import SharedDocuments, read_calendar
from ossrep.rating.component_documents import read_component
from ossrep.rating.documents import (
    FieldReader,
    InvalidDocument,
    Problems,
    read_date,
    read_decimal,
)
from ossrep.rating.plan import (
    Component,
    Delivery,
    EflAssumptions,
    EnergyIndexed,
    EnergyTimeOfUse,
    Plan,
    SolarBuyback,
)

COMPONENTS_MAX = 100
TERM_MONTHS_MAX = 120
_KWH_LEVEL = re.compile(r"[1-9][0-9]{0,6}")
_NO_CALENDARS: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
_NO_HOLIDAYS: Mapping[str, Sequence[dt.date]] = MappingProxyType({})


class InvalidPlan(InvalidDocument):
    """A plan document that cannot be sold; ``problems`` has every ``(path, message)`` found."""

    code = "invalid_plan"


class ProductType(StrEnum):
    """How the price can change (16 TAC §25.475)."""

    FIXED = "fixed"
    VARIABLE = "variable"
    INDEXED = "indexed"


class CustomerClass(StrEnum):
    """Whom the plan is for."""

    RESIDENTIAL = "residential"
    SMALL_COMMERCIAL = "small_commercial"
    LARGE_COMMERCIAL = "large_commercial"


def parse_plan(
    *,
    document: Mapping[str, Any],
    shared_calendars: Mapping[str, Mapping[str, Any]] = _NO_CALENDARS,
    shared_holidays: Mapping[str, Sequence[dt.date]] = _NO_HOLIDAYS,
) -> Plan:
    """The plan that a document describes; calendars and holiday lists may be shared by name.

    A list or calendar of the document wins over a shared one of the same name. Raises
    InvalidPlan with every problem and its field path.
    """
    problems = Problems()
    fields = FieldReader(document, "", problems)
    shared = _shared(fields, shared_calendars, shared_holidays)
    components = _components(fields, shared)
    plan = Plan(
        code=fields.text("plan", pattern=r"[A-Z0-9][A-Z0-9-]{0,63}"),
        name=fields.text("name"),
        brand=fields.text("brand"),
        product_type=fields.choice("product_type", ProductType),
        customer_class=fields.choice("customer_class", CustomerClass),
        term_months=_term_months(fields),
        early_termination_fee_usd=fields.optional_decimal(
            "early_termination_fee_usd", low=Decimal(0)
        ),
        components=components,
        efl=_efl(fields, components),
    )
    fields.finish()
    if len(problems):
        raise InvalidPlan(tuple(dict.fromkeys(problems.found)))
    return plan


def _term_months(fields: FieldReader) -> int:
    fields.required("term_months")
    return fields.whole("term_months", 0, TERM_MONTHS_MAX) or 0


def _shared(
    fields: FieldReader,
    shared_calendars: Mapping[str, Mapping[str, Any]],
    shared_holidays: Mapping[str, Sequence[dt.date]],
) -> SharedDocuments:
    holidays = {name: frozenset(dates) for name, dates in shared_holidays.items()}
    own = fields.inside("holidays") if fields.has("holidays") else None
    for name, _, _ in fields.entries("holidays"):
        if own is not None:
            dates = [read_date(item, path, fields.problems) for path, item in own.items(name)]
            holidays[str(name)] = frozenset(date for date in dates if date is not None)
    calendars: dict[str, tuple[str, object]] = {
        name: (f"shared_calendars.{name}", calendar) for name, calendar in shared_calendars.items()
    }
    calendars |= {str(name): (path, item) for name, path, item in fields.entries("calendars")}
    shared = SharedDocuments(calendars, holidays)
    for _, path, item in fields.entries("calendars"):
        reader = FieldReader(item, path, fields.problems)
        read_calendar(reader, shared, line_label="Energy charge", priced=False)
        reader.finish()
    return shared


def _components(fields: FieldReader, shared: SharedDocuments) -> tuple[Component, ...]:
    fields.required("components")
    found: list[Component] = []
    codes: set[str] = set()
    for path, item in fields.items("components", most=COMPONENTS_MAX):
        component = read_component(FieldReader(item, path, fields.problems), shared)
        if component is None:
            continue
        if component.code in codes:
            fields.problems.add(f"{path}.code", f"{component.code!r} is the code of another one")
        codes.add(component.code)
        for kind in (SolarBuyback, Delivery):
            if isinstance(component, kind) and any(isinstance(c, kind) for c in found):
                fields.problems.add(f"{path}.kind", f"a plan has at most one {kind.kind}")
        found.append(component)
    if fields.take("components") == []:
        fields.note("components", "must hold at least one component")
    return tuple(found)


def _efl(fields: FieldReader, components: Sequence[Component]) -> EflAssumptions | None:
    if not fields.has("efl"):
        fields.take("efl")
        return None
    efl = fields.inside("efl")
    read = EflAssumptions(
        tdsp=efl.text("tdsp", default="") or None,
        rate_class=efl.text("rate_class", default="") or None,
        label_date=efl.date("label_date"),
        includes_puc_assessment=efl.flag("includes_puc_assessment", False),
        bucket_shares=_bucket_shares(efl, components),
        assumed_index_usd_per_kwh=_assumed_index(efl, components),
        assumed_load_factor=efl.optional_decimal(
            "assumed_load_factor", low=Decimal("0.00000001"), high=Decimal(1)
        ),
        average_prices_cents=_average_prices(efl),
        renewable_percent=efl.optional_decimal(
            "renewable_percent", decimals=2, low=Decimal(0), high=Decimal(100)
        ),
    )
    efl.finish()
    return read


def _bucket_shares(
    efl: FieldReader, components: Sequence[Component]
) -> dict[str, dict[str, Decimal]]:
    calendars = {c.code: c.calendar for c in components if isinstance(c, EnergyTimeOfUse)}
    shares: dict[str, dict[str, Decimal]] = {}
    for code, path, item in efl.entries("bucket_shares"):
        if code not in calendars:
            efl.problems.add(path, "no time-of-use component has this code")
            continue
        before = len(efl.problems)
        reader = FieldReader(item, path, efl.problems)
        names = [bucket.name for bucket in calendars[code].all_buckets]
        found = {
            name: reader.decimal(name, default="0", low=Decimal(0), high=Decimal(1))
            for name in names
        }
        reader.finish()
        if len(efl.problems) == before and sum(found.values()) != 1:
            efl.problems.add(path, f"the shares add up to {sum(found.values())}, not to 1")
        shares[code] = found
    return shares


def _assumed_index(efl: FieldReader, components: Sequence[Component]) -> dict[str, Decimal]:
    known = {c.series for c in components if isinstance(c, EnergyIndexed)}
    assumed: dict[str, Decimal] = {}
    for series, path, item in efl.entries("assumed_index_usd_per_kwh"):
        if series not in known:
            efl.problems.add(path, "no indexed component has this series")
        assumed[str(series)] = read_decimal(item, path, efl.problems)
    return assumed


def _average_prices(efl: FieldReader) -> dict[int, Decimal]:
    prices: dict[int, Decimal] = {}
    for level, path, item in efl.entries("average_prices_cents"):
        text = str(level)
        if not _KWH_LEVEL.fullmatch(text):
            efl.problems.add(path, "must be whole kWh such as 500")
            continue
        prices[int(text)] = read_decimal(item, path, efl.problems)
    return prices
