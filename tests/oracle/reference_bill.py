"""The reference of the whole bill: one case in, one bill or one refusal out."""

from __future__ import annotations

from fractions import Fraction

from tests.oracle.averages import average_price_cents
from tests.oracle.components import component_lines
from tests.oracle.delivery import delivery_lines, read_delivery_charges, read_tariff
from tests.oracle.documents import (
    REQUIRED,
    Document,
    optional,
    read_fields,
    read_flag,
    read_list,
    read_object,
)
from tests.oracle.exact import (
    Refusal,
    decimal_text,
    exact_text,
    money_text,
    read_not_negative,
)
from tests.oracle.lines import Line, Site
from tests.oracle.market_days import Period, read_date
from tests.oracle.plans import read_plan
from tests.oracle.solar import Bank, bank_without_buyback, settle
from tests.oracle.tax_facts import RATES_OF_THE_LAW, TaxFacts, read_tax_facts, read_tax_rates
from tests.oracle.taxes import SECTIONS, Tax, taxes_of
from tests.oracle.usage import Prices, read_prices, read_usage

CASE_FIELDS = ("id", "period", "prices", "tax_rates")
CENT_DECIMALS = 2
ZERO = Fraction(0)


def reference_bill(case: Document) -> Document:
    """The bill of one case of `docs/formats/quote.md`, or its refusal."""
    try:
        return _bill(case)
    except Refusal as refusal:
        error = {"code": refusal.code, "where": refusal.where, "message": refusal.message}
        return {"id": case.get("id"), "error": error}


def _bill(case: Document) -> Document:
    period = _read_period(case.get("period"))
    documents = _site_documents(case)
    sites, facts = [], {}
    for index, (where, document) in enumerate(documents):
        site, tax = _read_site(document, index, where, period, case.get("prices") or {})
        sites.append(site)
        if tax is not None:
            facts[index] = tax
    _refuse_contradicting_places(facts)
    rates = RATES_OF_THE_LAW
    if case.get("tax_rates") is not None:
        rates = read_tax_rates(case["tax_rates"], "tax_rates")
    lines: list[Line] = []
    banks: list[Bank] = []
    for site in sites:
        site_lines, bank = _site_lines(site)
        lines += site_lines
        banks.append(bank)
    taxes = taxes_of(lines, facts, rates, period.start)
    return {"id": case.get("id"), "period": case["period"], **_document(sites, lines, banks, taxes)}


def _document(
    sites: list[Site], lines: list[Line], banks: list[Bank], taxes: list[Tax]
) -> Document:
    subtotal = sum((line.amount_usd for line in lines), ZERO)
    tax_total = sum((tax.amount_usd for tax in taxes), ZERO)
    import_kwh = sum((site.usage.import_kwh for site in sites), ZERO)
    export_kwh = sum((site.usage.export_kwh for site in sites), ZERO)
    average = average_price_cents(lines, import_kwh)
    return {
        "lines": [line.as_document() for line in lines],
        "banks": [bank.as_document() for bank in banks],
        "taxes": [tax.as_document() for tax in taxes],
        "subtotal_usd": money_text(subtotal),
        "tax_usd": money_text(tax_total),
        "total_usd": money_text(subtotal + tax_total),
        "import_kwh": exact_text(import_kwh),
        "export_kwh": exact_text(export_kwh),
        "average_price_cents_per_kwh": None if average is None else decimal_text(average, 1),
    }


def _site_lines(site: Site) -> tuple[list[Line], Bank]:
    """The lines of a site in the order of its components; buyback needs the energy lines first."""
    plain = {
        component.code: component_lines(site, component)
        for component in site.plan.components
        if component.kind not in ("solar_buyback", "delivery")
    }
    energy_usd = sum(
        (line.amount_usd for lines in plain.values() for line in lines if line.energy), ZERO
    )
    bank = bank_without_buyback(site)
    printed: list[Line] = []
    for component in site.plan.components:
        if component.kind == "solar_buyback":
            lines, bank = settle(site, component, energy_usd)
        elif component.kind == "delivery":
            lines = delivery_lines(site, component)
        else:
            lines = plain[component.code]
        printed += lines
    # A bill prints the retailer's section before delivery; the sort keeps the plan's order inside.
    return sorted(printed, key=lambda line: SECTIONS.index(line.section)), bank


def _read_period(document: object) -> Period:
    terms = read_fields(
        document, "period", {"start": (read_date, REQUIRED), "end": (read_date, REQUIRED)}
    )
    period = Period(terms["start"], terms["end"])
    if period.end <= period.start:
        raise Refusal("empty_period", "period", "the period must end after it starts")
    return period


def _site_documents(case: Document) -> list[tuple[str, Document]]:
    if "sites" not in case:
        own = {name: value for name, value in case.items() if name not in CASE_FIELDS}
        return [("sites[0]", own)]
    sites = read_list(case["sites"], "sites")
    if not sites:
        raise Refusal("no_sites", "sites", "a case has at least one site")
    return [(f"sites[{n}]", read_object(site, f"sites[{n}]")) for n, site in enumerate(sites)]


def _read_site(
    document: Document, index: int, where: str, period: Period, prices: object
) -> tuple[Site, TaxFacts | None]:
    terms = read_fields(
        document,
        where,
        {
            "plan": (read_plan, REQUIRED),
            "usage": (lambda value, path: read_usage(value, path, period), REQUIRED),
            "tariff": (optional(read_tariff), None),
            "delivery_charges": (optional(read_delivery_charges), None),
            "tax": (optional(read_tax_facts), None),
            "bank_in_usd": (_read_money, ZERO),
            "prior_peak_kw": (read_not_negative, ZERO),
            "first_bill": (read_flag, True),
            "final_bill": (read_flag, False),
        },
    )
    tax = terms.pop("tax")

    def prices_of(series: str) -> Prices:
        return read_prices(series, prices, period)

    return Site(index=index, where=where, period=period, prices=prices_of, **terms), tax


def _read_money(value: object, where: str) -> Fraction:
    return read_not_negative(value, where, decimals_max=CENT_DECIMALS)


def _refuse_contradicting_places(facts: dict[int, TaxFacts]) -> None:
    places: Document = {}
    for index, fact in facts.items():
        if places.setdefault(fact.place.code, fact.place) != fact.place:
            message = f"sites of {fact.place.code} describe the place differently"
            raise Refusal("place_differs", f"sites[{index}].tax.place", message)
