"""The Electricity Facts Label as a PDF. Contents: 16 TAC §25.475(g)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from ossrep.infra.typst_pages import pdf_of
from ossrep.product.documents.brand import brand_data
from ossrep.product.domain.plan_words import describe_plan, dollars_text
from ossrep.product.queries.facts_labels import FactsLabel
from ossrep.rating import Delivery, OneOff, Plan, SolarBuyback, TariffRow, UsageFee

_TEMPLATE = Path(__file__).with_name("facts_label.typ")
_PRODUCT_TYPES = {
    "fixed": "Fixed Rate",
    "variable": "Variable Rate",
    "indexed": "Indexed (market price)",
}
_CLASSES = {
    "residential": "Residential service",
    "small_commercial": "Small commercial service",
    "large_commercial": "Large commercial service",
}
_UNITS = {"month": "per month", "day": "per day", "kwh": "per kWh", "kw": "per kW"}


def facts_label_pdf(facts: FactsLabel) -> bytes:
    """The label's page; the same bytes each time, dated by the label."""
    return pdf_of(
        template=_TEMPLATE,
        function="label",
        data=label_data(facts),
        date=facts.label.label_date,
    )


def label_data(facts: FactsLabel) -> dict[str, Any]:
    """JSON-ready data of the template: every number in its printed form."""
    brand, plan, label = facts.brand, facts.plan, facts.label
    return {
        "brand": brand_data(brand),
        "product": plan.name,
        "class": _CLASSES[plan.customer_class],
        "area": facts.tdsp_name,
        "date": f"{label.label_date:%B} {label.label_date.day}, {label.label_date.year}",
        "averages": [
            {"kwh": f"{line.kwh:,}", "cents": f"{line.printed_cents}¢"} for line in label.lines
        ],
        "basis": _basis(facts),
        "components": [
            {"label": words.label, "lines": list(words.lines)}
            for component, words in zip(plan.components, describe_plan(plan), strict=True)
            if not isinstance(component, Delivery)
        ],
        "delivery": [_delivery(row) for row in facts.tariff_rows],
        "disclosures": [{"question": q, "answer": a} for q, a in _disclosures(plan)],
        "version": f"{facts.plan_code} version {facts.version}, {label.tdsp_code}, "
        f"{label.label_date.isoformat()}",
    }


def _basis(facts: FactsLabel) -> str:
    efl = facts.plan.efl
    parts = [
        "The average price per kWh holds all recurring charges of this product and of the TDU, "
        "without state and local sales tax and gross receipts reimbursement"
    ]
    if efl and efl.includes_puc_assessment:
        parts.append("; it includes the PUC assessment")
    parts.append(".")
    for shares in (efl.bucket_shares if efl else {}).values():
        told = ", ".join(f"{_percent(share)} {name}" for name, share in shares.items())
        parts.append(f" It assumes this usage: {told}.")
    for series, price in (efl.assumed_index_usd_per_kwh if efl else {}).items():
        parts.append(f" It assumes {dollars_text(price)} per kWh for {series}.")
    if efl and efl.assumed_load_factor:
        parts.append(f" It assumes a load factor of {_percent(efl.assumed_load_factor)}.")
    parts.append(" Your average price varies with your usage, and when you use it.")
    return "".join(parts)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"


def _delivery(row: TariffRow) -> dict[str, str]:
    if row.unit == "kwh":
        return {"label": row.label, "rate": f"{(row.rate_usd * 100).normalize():f}¢ per kWh"}
    return {"label": row.label, "rate": f"{dollars_text(row.rate_usd)} {_UNITS[row.unit]}"}


def _disclosures(plan: Plan) -> Iterator[tuple[str, str]]:
    """The disclosure chart, in the rule's order."""
    yield "Type of product", _PRODUCT_TYPES[plan.product_type]
    months = plan.term_months
    yield "Contract term", f"{months} months" if months else "Month to month"
    fee = plan.early_termination_fee_usd
    yield (
        "Do I have a termination fee or any fees associated with terminating service?",
        f"Yes: {dollars_text(fee)}" if fee else "No",
    )
    can_change = plan.product_type != "fixed"
    yield (
        "Can my price change during the contract period?",
        "Yes"
        if can_change
        else "No, but for changes of the TDU's charges, of ERCOT's administrative fees, and of "
        "federal, state or local laws or rules that impose new or changed fees or costs.",
    )
    if can_change:
        yield "If my price can change, how will it change, and by how much?", _change(plan)
    yield "What other fees may I be charged?", _other_fees(plan)
    yield "Is this a pre-pay or pay in advance product?", "No"
    buys = any(isinstance(component, SolarBuyback) for component in plan.components)
    yield (
        "Does the REP purchase excess distributed renewable generation?",
        "Yes" if buys else "No",
    )
    percent = (plan.efl.renewable_percent if plan.efl else None) or Decimal(0)
    yield "Renewable content", f"This product is {percent.normalize():f}% renewable."


def _change(plan: Plan) -> str:
    if plan.product_type == "indexed":
        return "It follows the market price named above in each interval, up and down."
    return "The price may change at the sole discretion of the REP after the first billing cycle."


def _other_fees(plan: Plan) -> str:
    fees = [
        f"{words.label}: {'; '.join(words.lines)}"
        for component, words in zip(plan.components, describe_plan(plan), strict=True)
        if isinstance(component, OneOff | UsageFee)
    ]
    return ". ".join(fees) or "Those of the Terms of Service."
