"""Answering a quote: a case in, a bill or a refusal out, with the code of the bill run."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ossrep.billing.domain.assembly import Bill, BillBank, BillLine, RatedSite, assemble_bill
from ossrep.billing.domain.quote_cases import QuoteCase, QuoteSite, case_id, parse_case
from ossrep.billing.domain.taxes import TaxLine
from ossrep.kernel.errors import DomainError
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import (
    InvalidDocument,
    MissingPrice,
    RatedBlock,
    compile_plan,
    rate_block,
    with_received_delivery,
)
from ossrep.rating.exact import exact_text, money_text, price_text


class QuoteRefused(DomainError):
    """A case that was read but cannot be billed; the code says why."""

    def __init__(self, code: str, message: str, *, where: str | None) -> None:
        super().__init__(message, where=where)
        self.code = code


def quote_bill(case: QuoteCase) -> Bill:
    """The bill of a case. Raises QuoteRefused where it cannot be billed."""
    sites = [RatedSite(_rated(case, site), 0, case.period.start, site.tax) for site in case.sites]
    return assemble_bill(sites=sites, rates=case.tax_rates)


def _rated(case: QuoteCase, site: QuoteSite) -> RatedBlock:
    received = site.delivery_charges
    try:
        compiled = compile_plan(
            plan=site.plan,
            period=case.period,
            tariff_rows=site.tariff_rows or (),
            received_delivery=received is not None,
        )
    except DomainError as error:
        where = ".".join(filter(None, (site.path, error.where))) or None
        raise QuoteRefused(error.code, error.message, where=where) from error
    block = rate_block(compiled=compiled, usage=site.usage, facts=site.facts, prices=case.prices)
    if received is not None:
        block = with_received_delivery(compiled=compiled, block=block, charges=[received])
    for refusal in block.refusals.values():
        raise QuoteRefused(refusal.code, refusal.message, where=_field_of(refusal.code, site.path))
    return block


_FIELDS = {"amount_too_large": "plan", "demand_needed": "usage.peak_kw"}


def _field_of(refusal: str, site: str) -> str:
    """The field of the case that a refusal speaks of; prices stand beside the sites."""
    if refusal == MissingPrice.code:
        return "prices"
    return ".".join(filter(None, (site, _FIELDS.get(refusal, "usage"))))


def answer(document: object) -> dict[str, Any]:
    """The answer to one case as ``docs/formats/quote.md`` writes it: a bill or an ``error``."""
    try:
        case = parse_case(document)
        bill = quote_bill(case)
    except InvalidDocument as invalid:
        (path, message), *others = invalid.problems
        text = f"{message}; also {InvalidDocument(others).message}" if others else message
        return _refusal(document, invalid.code, path, text)
    except DomainError as error:
        return _refusal(document, error.code, error.where, error.message)
    return {"id": case_id(document), **bill_document(bill, case.period)}


def _refusal(document: object, code: str, where: str | None, message: str) -> dict[str, Any]:
    error = {"code": code, "where": where, "message": message}
    return {"id": case_id(document), "error": error}


def bill_document(bill: Bill, period: DatePeriod) -> dict[str, Any]:
    """A bill as JSON-ready data; numbers that mean money, energy or a rate are strings."""
    average = bill.average_price_tenth_cents
    return {
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "lines": [_line(line) for line in bill.lines],
        "banks": [_bank(bank) for bank in bill.banks],
        "taxes": [_tax(tax) for tax in bill.taxes],
        "subtotal_usd": money_text(bill.subtotal_cents),
        "tax_usd": money_text(bill.tax_cents),
        "total_usd": money_text(bill.total_cents),
        "import_kwh": exact_text(Fraction(bill.import_wh, 1000)),
        "export_kwh": exact_text(Fraction(bill.export_wh, 1000)),
        "average_price_cents_per_kwh": None if average is None else tenths_text(average),
    }


def tenths_text(tenths: int) -> str:
    """Tenths of a cent as cents with one decimal."""
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


def _line(line: BillLine) -> dict[str, Any]:
    price = line.unit_price_usd
    return {
        "site": line.site,
        "section": line.section,
        "kind": line.kind,
        "component": line.component,
        "bucket": line.bucket,
        "label": line.label,
        "quantity": exact_text(line.quantity),
        "unit": line.unit,
        "unit_price_usd": None if price is None else price_text(int(price.scaleb(8))),
        "amount_usd": money_text(line.amount_cents),
        "recurring": line.recurring,
        "energy": line.energy,
        "taxes": list(line.taxes),
        "recipe": dict(line.recipe),
    }


def _bank(bank: BillBank) -> dict[str, str]:
    return {
        "in_usd": money_text(bank.in_cents),
        "earned_usd": money_text(bank.earned_cents),
        "applied_usd": money_text(bank.applied_cents),
        "used_usd": money_text(bank.used_cents),
        "out_usd": money_text(bank.out_cents),
        "lost_usd": money_text(bank.lost_cents),
    }


def _tax(tax: TaxLine) -> dict[str, Any]:
    split: list[Mapping[str, Any]] = [
        {"site": part.site, "section": part.section, "amount_usd": money_text(part.amount_cents)}
        for part in tax.split
    ]
    return {
        "code": tax.template.code,
        "label": tax.template.label,
        "place": tax.template.place,
        "rate": exact_text(tax.template.rate),
        "base_usd": money_text(tax.base_cents),
        "amount_usd": money_text(tax.amount_cents),
        "split": split,
    }
