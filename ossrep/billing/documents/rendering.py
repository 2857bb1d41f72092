"""Invoices to PDF; the same data gives the same bytes."""

from __future__ import annotations

from pathlib import Path

from ossrep.billing.documents.content import InvoiceDocument
from ossrep.billing.documents.layout import template_data
from ossrep.infra.typst_pages import pdf_of

_TEMPLATE = Path(__file__).with_name("invoice.typ")


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """The PDF of an invoice; its time stamp is the issue date, so its bytes can be made again."""
    return pdf_of(
        template=_TEMPLATE,
        function="invoice",
        data=template_data(document),
        date=document.issue_date,
    )
