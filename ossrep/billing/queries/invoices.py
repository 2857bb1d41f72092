"""Stored invoices with all that hangs on them, for documents, exports and explanations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from ossrep.billing.models import Charge, Invoice, InvoiceLine, InvoiceTax, Reversal
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, InvoiceId

INVOICES_PER_LOAD = 500


class UnknownInvoice(DomainError):
    """No invoice has this number."""

    code = "unknown_invoice"


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An invoice and its rows: charges by site, lines and taxes in printed order."""

    invoice: Invoice
    charges: tuple[Charge, ...]
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTax, ...]
    reversal: Reversal | None


def check_bill_fact(*, account_id: AccountId, invoice_number: str, total: Decimal) -> bool:
    """True when the account has this invoice, not reversed, with this amount due in dollars."""
    number = invoice_number.replace(" ", "").replace("-", "")
    ids = Invoice.objects.filter(account_id=account_id, number=number, amount_due_usd=total)
    found = ids.values_list("id", flat=True).first()
    return found is not None and not Reversal.objects.filter(invoice_id=found).exists()


def find_invoice_ids(*, numbers: Collection[str]) -> list[InvoiceId]:
    """Ids in the order asked. Raises UnknownInvoice for the first number that nobody knows."""
    wanted = [number.replace(" ", "").replace("-", "") for number in numbers]
    known = dict(Invoice.objects.filter(number__in=wanted).values_list("number", "id"))
    for number in wanted:
        if number not in known:
            raise UnknownInvoice("no invoice has this number", where=number)
    return [InvoiceId(known[number]) for number in wanted]


def list_run_invoice_ids(*, run_id: int) -> list[InvoiceId]:
    """The invoices of a run by number; those reversed since are among them."""
    ids = Invoice.objects.filter(run_id=run_id).order_by("number").values_list("id", flat=True)
    return [InvoiceId(invoice_id) for invoice_id in ids]


def load_invoices(*, invoice_ids: Sequence[InvoiceId]) -> Iterator[StoredInvoice]:
    """Invoices in the order asked, five queries for each ``INVOICES_PER_LOAD`` of them."""
    for first in range(0, len(invoice_ids), INVOICES_PER_LOAD):
        yield from _load(invoice_ids[first : first + INVOICES_PER_LOAD])


def _load(ids: Sequence[InvoiceId]) -> Iterator[StoredInvoice]:
    invoices = Invoice.objects.select_related("brand_part").in_bulk(ids)
    charges = _grouped(
        Charge.objects.filter(invoice_id__in=ids)
        .select_related("printed_part")
        .order_by("invoice_id", "site_no")
    )
    lines = _grouped(
        InvoiceLine.objects.filter(invoice_id__in=ids)
        .select_related("template")
        .order_by("invoice_id", "line_no")
    )
    taxes = _grouped(
        InvoiceTax.objects.filter(invoice_id__in=ids)
        .select_related("template")
        .order_by("invoice_id", "tax_no")
    )
    reversals = {row.invoice_id: row for row in Reversal.objects.filter(invoice_id__in=ids)}
    for invoice_id in ids:
        yield StoredInvoice(
            invoice=invoices[invoice_id],
            charges=tuple(charges[invoice_id]),
            lines=tuple(lines[invoice_id]),
            taxes=tuple(taxes[invoice_id]),
            reversal=reversals.get(invoice_id),
        )


_Row = TypeVar("_Row", Charge, InvoiceLine, InvoiceTax)


def _grouped(rows: Collection[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.invoice_id].append(row)
    return found
