"""Explains a stored invoice: reads the usage again, rates it again, compares the cents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ossrep.billing.domain.assembly import RatedSite, SiteTax, assemble_bill, printed_order
from ossrep.billing.domain.explanations import (
    Channels,
    DayUsage,
    ExplainedLine,
    ExplainedSite,
    ExplainedTax,
    Explanation,
    QuarterHour,
    explain_days,
    explain_quarter_hours,
    pair_lines,
)
from ossrep.billing.domain.taxes import TaxLine
from ossrep.billing.models import Charge, DeliverySource, InvoiceLine, InvoiceTax, UsageSource
from ossrep.billing.queries.invoices import StoredInvoice, load_invoices
from ossrep.billing.queries.stored_recipes import recipe_of
from ossrep.billing.queries.tax_places import get_tax_places, get_tax_rates
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.rate_again import RatedAgain, rate_again
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import InvoiceId
from ossrep.kernel.money import cents
from ossrep.rating import RatedBlock, line_recipe
from ossrep.rating.exact import exact_text


def explain_invoice(
    *, invoice_id: InvoiceId, dates: frozenset[dt.date] | None = frozenset()
) -> Explanation:
    """How each line came about, down to the quarter hours of ``dates`` (all where None).

    Rates with the plan version, tariff, prices and usage that are known now; bank, peak and
    one-offs are those of the bill. A site that cannot be computed again says why.
    """
    (stored,) = load_invoices(invoice_ids=[invoice_id])
    catalog = Catalog()
    again = {
        charge.pk: rate_again(stored=stored, charge=charge, catalog=catalog)
        for charge in stored.charges
    }
    sites = tuple(
        _site(stored, charge, again[charge.pk], catalog, dates) for charge in stored.charges
    )
    invoice = stored.invoice
    return Explanation(
        number=invoice.number,
        account_number=invoice.account_number,
        issue_date=invoice.issue_date,
        reversed_reason=stored.reversal.reason if stored.reversal else None,
        total_cents=cents(invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd),
        sites=sites,
        taxes=_taxes(stored, again),
    )


def _site(
    stored: StoredInvoice,
    charge: Charge,
    again: RatedAgain | DomainError,
    catalog: Catalog,
    dates: frozenset[dt.date] | None,
) -> ExplainedSite:
    plan = charge.printed_part.content
    lines = tuple(_stored_line(x) for x in stored.lines if x.site_no == charge.site_no)
    days: tuple[DayUsage, ...] = ()
    quarter_hours: tuple[QuarterHour, ...] = ()
    changed = None
    if isinstance(again, RatedAgain):
        lines = pair_lines(lines, _computed_lines(again.block))
        if charge.usage_source == UsageSource.INTERVALS:
            channels = Channels(again.usage.import_wh, again.usage.export_wh)
            changed = again.usage_digest() != bytes(charge.usage_digest)
            days = explain_days(
                compiled=again.compiled,
                channels=channels,
                billed_import_wh=_daily(charge, charge.daily_import_wh),
                billed_export_wh=_daily(charge, charge.daily_export_wh),
            )
            quarter_hours = explain_quarter_hours(
                compiled=again.compiled,
                channels=channels,
                prices=catalog.prices(again.compiled),
                dates=dates,
            )
    return ExplainedSite(
        site_no=charge.site_no,
        esi_id=charge.esi_id,
        period_start=charge.period_start,
        period_end=charge.period_end,
        plan=f"{plan['name']} ({plan['plan']} version {plan['version']})",
        usage_source=UsageSource(charge.usage_source).label,
        delivery_source=DeliverySource(charge.delivery_source).label,
        usage_changed=changed,
        refusal=str(again) if isinstance(again, DomainError) else None,
        lines=lines,
        days=days,
        quarter_hours=quarter_hours,
    )


def _stored_line(line: InvoiceLine) -> ExplainedLine:
    template = line.template
    return ExplainedLine(
        section=template.section,
        component=template.component,
        bucket=template.bucket,
        label=template.label,
        recipe=recipe_of(line),
        stored_cents=cents(line.amount_usd),
        computed_cents=None,
    )


def _computed_lines(block: RatedBlock) -> list[ExplainedLine]:
    return [
        ExplainedLine(
            section=str(block.templates[number].section),
            component=block.templates[number].component,
            bucket=block.templates[number].bucket,
            label=block.templates[number].label,
            recipe=line_recipe(block, 0, number),
            stored_cents=None,
            computed_cents=int(block.amount_cents[0, number]),
        )
        for number in printed_order(block)
        if block.present[0, number]
    ]


def _daily(charge: Charge, packed: bytes | memoryview) -> list[int]:
    days = (charge.period_end - charge.period_start).days
    values: NDArray[np.int64] = np.frombuffer(packed, dtype="<i8")
    return values.tolist() if values.size else [0] * days


def _taxes(
    stored: StoredInvoice, again: Mapping[int, RatedAgain | DomainError]
) -> tuple[ExplainedTax, ...]:
    """Computed again with today's places; where a site cannot be rated the stored stand alone."""
    computed: Sequence[TaxLine] | None = None
    if all(isinstance(result, RatedAgain) for result in again.values()):
        facts = {site["site_no"]: site for site in stored.invoice.snapshot["sites"]}
        places = get_tax_places(codes={site["tax_place"] for site in facts.values()})
        if all(site["tax_place"] in places for site in facts.values()):
            residential = stored.invoice.snapshot["customer"]["class"] == "residential"
            sites = [
                RatedSite(
                    result.block,
                    0,
                    charge.period_start,
                    SiteTax(
                        places[facts[charge.site_no]["tax_place"]],
                        residential,
                        facts[charge.site_no]["exemption"],
                    ),
                )
                for charge in stored.charges
                if isinstance(result := again[charge.pk], RatedAgain)
            ]
            rates = get_tax_rates(on=stored.invoice.issue_date)
            computed = assemble_bill(sites=sites, rates=rates).taxes
    return _pair_taxes(stored.taxes, computed)


def _pair_taxes(
    stored: Sequence[InvoiceTax], computed: Sequence[TaxLine] | None
) -> tuple[ExplainedTax, ...]:
    left = {(tax.template.code, tax.template.place or ""): tax for tax in computed or ()}
    found = []
    for tax in stored:
        match = left.pop((tax.template.code, tax.template.place), None)
        found.append(
            ExplainedTax(
                label=tax.template.label,
                rate=exact_text(Fraction(tax.template.rate)),
                base_cents=cents(tax.base_usd),
                stored_cents=cents(tax.amount_usd),
                computed_cents=match.amount_cents if match else None,
            )
        )
    for tax_line in left.values():
        found.append(
            ExplainedTax(
                label=tax_line.template.label,
                rate=exact_text(tax_line.template.rate),
                base_cents=None,
                stored_cents=None,
                computed_cents=tax_line.amount_cents,
            )
        )
    return tuple(found)
