"""Reading one case of a quote (``docs/formats/quote.md``): all problems at once, with paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ossrep.billing.domain.assembly import SiteTax
from ossrep.billing.domain.quote_usage import optional_kw, read_prices, read_usage, thousands
from ossrep.billing.domain.tax_documents import read_site_tax, read_tax_rates
from ossrep.billing.domain.taxes import Place, TaxRates
from ossrep.kernel.money import cents
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import (
    DeliveryCharge,
    InvalidDocument,
    Plan,
    PriceSeries,
    SiteFacts,
    TariffRow,
    UsageBlock,
    check_length,
    parse_plan,
    parse_tariff_rows,
)
from ossrep.rating.component_reading import read_taxes
from ossrep.rating.documents import FieldReader, Problems
from ossrep.rating.plan import ALL_TAXES

SITES_MAX = 1_000


class InvalidCase(InvalidDocument):
    """A case that cannot be read; ``problems`` has every ``(path, message)`` found."""

    code = "invalid_case"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteSite:
    """One site, read: ``path`` is where it stands in the case, empty for a case of one site."""

    path: str
    plan: Plan
    usage: UsageBlock
    tariff_rows: tuple[TariffRow, ...] | None
    delivery_charges: tuple[DeliveryCharge, ...] | None
    tax: SiteTax | None
    facts: SiteFacts


@dataclass(frozen=True, slots=True)
class QuoteCase:
    """A whole case, read."""

    period: DatePeriod
    sites: tuple[QuoteSite, ...]
    prices: Mapping[str, PriceSeries]
    tax_rates: TaxRates


def parse_case(document: object) -> QuoteCase:
    """The case that a document describes.

    Raises InvalidCase with every problem and its path, PeriodTooLong before anything else.
    """
    problems = Problems()
    fields = FieldReader(document, "", problems)
    fields.take("id")
    period = _period(fields)
    if period is None:
        raise InvalidCase(problems.found)
    # Before any usage is read: what is read has a column for each quarter hour.
    check_length(period)
    prices = fields.take("prices")
    rates = fields.take("tax_rates")
    sites = [_site(reader, period) for reader in _site_readers(fields)]
    case = QuoteCase(
        period=period,
        sites=tuple(site for site in sites if site is not None),
        prices={} if prices is None else read_prices(prices, "prices", problems),
        tax_rates=TaxRates() if rates is None else read_tax_rates(rates, "tax_rates", problems),
    )
    fields.finish()
    _note_contradicting_places(case, problems)
    if len(problems):
        raise InvalidCase(problems.found)
    return case


def _period(fields: FieldReader) -> DatePeriod | None:
    fields.required("period")
    if not fields.has("period"):
        return None
    period = fields.inside("period")
    period.required("start")
    period.required("end")
    start, end = period.date("start"), period.date("end")
    period.finish()
    if start is None or end is None:
        return None
    if end <= start:
        period.note("end", f"must come after {start}: {end}")
        return None
    return DatePeriod(start, end)


def _site_readers(fields: FieldReader) -> list[FieldReader]:
    """The sites of a case; without ``sites`` its own fields are those of one site."""
    if not fields.has("sites"):
        return [fields]
    readers = [
        FieldReader(item, path, fields.problems)
        for path, item in fields.items("sites", most=SITES_MAX)
    ]
    if not readers:
        fields.note("sites", "must hold at least one site")
    return readers


def _site(fields: FieldReader, period: DatePeriod) -> QuoteSite | None:
    problems = fields.problems
    plan = _plan(fields)
    usage = fields.required("usage")
    block = None if usage is None else read_usage(usage, fields.at("usage"), period, problems)
    tax = fields.take("tax")
    site_tax = None if tax is None else read_site_tax(tax, fields.at("tax"), problems)
    rows, charges = _tariff_rows(fields), _delivery_charges(fields)
    facts = _facts(fields)
    if fields.path:
        fields.finish()
    if plan is None or block is None:
        return None
    return QuoteSite(
        path=fields.path,
        plan=plan,
        usage=block,
        tariff_rows=rows,
        delivery_charges=charges,
        tax=site_tax,
        facts=facts,
    )


def _plan(fields: FieldReader) -> Plan | None:
    document = fields.required("plan")
    if document is None:
        return None
    if not isinstance(document, Mapping):
        fields.note("plan", "must be a plan document")
        return None
    try:
        return parse_plan(document=document)
    except InvalidDocument as invalid:
        _take_over(invalid, fields, "plan")
        return None


def _take_over(invalid: InvalidDocument, fields: FieldReader, name: str) -> None:
    for path, message in invalid.problems:
        fields.note(name if path == "document" else f"{name}.{path}", message)


def _tariff_rows(fields: FieldReader) -> tuple[TariffRow, ...] | None:
    if fields.take("tariff") is None:
        return None
    tariff = fields.inside("tariff")
    tariff.take("tdsp")
    tariff.take("rate_class")
    rows = tariff.required("rows")
    tariff.finish()
    if not isinstance(rows, list | tuple):
        if rows is not None:
            tariff.note("rows", "must be a list of tariff rows")
        return None
    try:
        return parse_tariff_rows(rows)
    except InvalidDocument as invalid:
        _take_over(invalid, fields, "tariff")
        return None


def _delivery_charges(fields: FieldReader) -> tuple[DeliveryCharge, ...] | None:
    if fields.take("delivery_charges") is None:
        return None
    return tuple(
        _charge(FieldReader(item, path, fields.problems))
        for path, item in fields.items("delivery_charges")
    )


def _charge(fields: FieldReader) -> DeliveryCharge:
    code = fields.text("code")
    charge = DeliveryCharge(
        code=code,
        label=fields.text("label", default=code or "charge"),
        amount_cents=cents(fields.decimal("amount_usd", decimals=2)),
        taxes=read_taxes(fields, ALL_TAXES) if fields.has("taxes") else fields.take("taxes"),
    )
    fields.finish()
    return charge


def _facts(fields: FieldReader) -> SiteFacts:
    bank = fields.optional_decimal("bank_in_usd", decimals=2, low=Decimal(0)) or Decimal(0)
    peak = optional_kw(fields, "prior_peak_kw") or Decimal(0)
    return SiteFacts(
        prior_peak_w=thousands(peak),
        bank_in_cents=np.array([cents(bank)], dtype=np.int64),
        first_bill=np.array([fields.flag("first_bill", True)]),
        final_bill=np.array([fields.flag("final_bill", False)]),
    )


def _note_contradicting_places(case: QuoteCase, problems: Problems) -> None:
    places: dict[str, Place] = {}
    for site in case.sites:
        place = None if site.tax is None else site.tax.place
        if place is not None and places.setdefault(place.code, place) != place:
            problems.add(f"{site.path}.tax.place", f"{place.code} differs from an earlier site's")


def case_id(document: object) -> Any:
    """The ``id`` of a case, None where it has none."""
    return document.get("id") if isinstance(document, Mapping) else None
