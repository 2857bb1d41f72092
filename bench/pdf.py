"""PDFs a second on one core: stored-like invoices of one page, each with other names and numbers.

The document is the one that ``bill pdf`` prints; reading rows from the database is not in the
figure (it is about a tenth of the time). Processor time of this process is measured, not the
clock on the wall, so that a busy machine does not count. Run alone: ``python -m bench pdf``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import statistics
import time
from decimal import Decimal

from bench.figures import Figure
from ossrep.billing.documents.content import InvoiceDocument
from ossrep.billing.documents.rendering import invoice_pdf
from tests.factories.documents import days, home_invoice, months

NAME = "PDFs per second and core"
BAR = 100
AIM = 200
ROUNDS = 5


def an_invoice(number: int) -> InvoiceDocument:
    """A home's invoice that shares no number with the others."""
    base = home_invoice()
    site = dataclasses.replace(
        base.sites[0],
        esi_id=str(10443720000000000 + number),
        service_address=(f"{1000 + number} Pecan Street", "Dallas, TX 75201"),
        import_wh=base.sites[0].import_wh + number * 1_000,
        retailer_lines=tuple(
            dataclasses.replace(
                line,
                quantity=Decimal(line.quantity) + number,
                amount_cents=line.amount_cents + number,
            )
            for line in base.sites[0].retailer_lines
        ),
    )
    return dataclasses.replace(
        base,
        invoice_number=f"1{number:08d}",
        account_number=str(70_000_000 + number),
        mailing_lines=(f"Customer {number}", *site.service_address),
        sites=(site,),
        usage_months=months(dt.date(2026, 11, 18), 800 + number),
        usage_days=days(site.period_start, site.period_end, 30 + number % 40),
    )


def run(*, quick: bool = False) -> list[Figure]:
    """The median of some rounds, after the fonts and the template are loaded."""
    count = 20 if quick else 200
    documents = [an_invoice(number) for number in range(count * (ROUNDS + 1))]
    for document in documents[:count]:
        pdf = invoice_pdf(document)
    rates = []
    for batch in range(1, ROUNDS + 1):
        begun = time.process_time()
        for document in documents[batch * count : (batch + 1) * count]:
            invoice_pdf(document)
        rates.append(count / (time.process_time() - begun))
    note = f"{ROUNDS} rounds of {count}, {len(pdf) / 1024:.0f} KB each, tagged for accessibility"
    return [
        Figure(
            name=NAME,
            value=round(statistics.median(rates), 1),
            unit="PDFs/s",
            bar=BAR,
            aim=AIM,
            note=note,
        )
    ]
