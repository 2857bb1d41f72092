"""Records of this context as operators' tools and other services read them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from ossrep.billing.models import (
    AccountHold,
    BillRun,
    BillRunItem,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    WorkItem,
)


def runs() -> QuerySet[BillRun]:
    """Bill runs and reversals."""
    return BillRun.objects.all()


def run_items(*, run_id: int) -> QuerySet[BillRunItem]:
    """The bills of one run."""
    return BillRunItem.objects.filter(run_id=run_id)


def invoices() -> QuerySet[Invoice]:
    """Invoices without what they print."""
    return Invoice.objects.defer("snapshot")


def whole_invoices() -> QuerySet[Invoice]:
    """Invoices with what they print."""
    return Invoice.objects.all()


def lines_of(*, invoice_id: int) -> Sequence[InvoiceLine]:
    """An invoice's lines in printed order, with their templates."""
    found = InvoiceLine.objects.filter(invoice_id=invoice_id).select_related("template")
    return list(found.order_by("line_no"))


def taxes_of(*, invoice_id: int) -> Sequence[InvoiceTax]:
    """An invoice's taxes in printed order, with their templates."""
    found = InvoiceTax.objects.filter(invoice_id=invoice_id).select_related("template")
    return list(found.order_by("tax_no"))


def work_items() -> QuerySet[WorkItem]:
    """Bills that were held, and what was decided."""
    return WorkItem.objects.all()


def holds() -> QuerySet[AccountHold]:
    """Holds on accounts, lifted ones too."""
    return AccountHold.objects.all()


def invoices_by_id(keys: Sequence[int]) -> dict[int, Invoice]:
    """Invoices with these ids, by id."""
    return invoices().in_bulk(keys)


def work_items_by_id(keys: Sequence[int]) -> dict[int, WorkItem]:
    """Work items with these ids, by id."""
    return work_items().in_bulk(keys)
