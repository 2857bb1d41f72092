"""What two documents say otherwise: an invoice and its usage, a cancel and its original."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ossrep.market.db import connection
from ossrep.market.edi.texas_set.invoice_checks import check_against_usage, check_cancel_total
from ossrep.market.models import InvoiceDocument, UsageDocument
from ossrep.market.usecases.matching.asking import CONTENT, ask_about_content
from ossrep.market.usecases.work_items import resolve_by_key

ORIGINAL = "original"

# Cancels of which either side has just come, and what their originals asked for.
_CANCELS = """
    SELECT c.id, o.total_usd
    FROM invoice_document c
    JOIN invoice_document o ON o.esi_id = c.esi_id AND o.tdsp_code = c.tdsp_code
         AND o.reference = c.original_reference AND o.refusal = ''
    WHERE c.esi_id = ANY(%(esi_ids)s) AND c.purpose = 'cancel' AND c.refusal = ''
      AND (c.id = ANY(%(ids)s) OR o.id = ANY(%(ids)s)) AND abs(c.total_usd) <> abs(o.total_usd)
    ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class _Line:
    code: str
    unit: str
    quantity: Decimal | None


def compare_pair(*, usage: UsageDocument, invoice: InvoiceDocument, now: dt.datetime) -> None:
    """Asks a person about a matched pair where the invoice bills what the usage does not say.

    No source says that this refuses the invoice: it is a hold of the retailer's choice (reference
    7.3), so the 824 is ready and not sent. In the caller's transaction.
    """
    faults = check_against_usage(
        billed=list(_lines(invoice)),
        periods=[(s, e) for s, e in [(invoice.start_date, invoice.end_date)] if s and e],
        usage_period=(usage.start_date, usage.end_date)
        if usage.start_date and usage.end_date
        else None,
        import_kwh=usage.import_kwh,
    )
    if faults:
        ask_about_content(row=invoice, faults=faults, part=_part(usage.pk), now=now)


def forget_pair(*, usage_id: int, invoice: InvoiceDocument, now: dt.datetime) -> None:
    """Takes the question about a pair back that counts no more."""
    key = f"set {invoice.inbound_set_id} {_part(usage_id)}"
    resolve_by_key(kind=CONTENT, key=key, resolution="the pair counts no more", now=now)


def compare_cancels(*, invoices: Sequence[InvoiceDocument]) -> None:
    """Asks about cancels whose total is not their original's (CAO), whichever came first.

    The cancel has its effect all the same, so that every order ends in the same.
    """
    taken = {row.pk: row for row in invoices if not row.refusal}
    if not taken:
        return
    values: dict[str, Any] = {
        "esi_ids": sorted({row.esi_id for row in taken.values()}),
        "ids": list(taken),
    }
    with connection().cursor() as cursor:
        cursor.execute(_CANCELS, values)
        found = cursor.fetchall()
    now = max(row.received_at for row in taken.values())
    _forget_cancelled_again(taken.values(), now)
    for cancel_id, original_total in found:
        cancel = taken.get(cancel_id) or InvoiceDocument.objects.get(pk=cancel_id)
        faults = check_cancel_total(total=cancel.total_usd, original_total=original_total)
        ask_about_content(row=cancel, faults=faults, part=ORIGINAL, now=now)


def _forget_cancelled_again(invoices: Iterable[InvoiceDocument], now: dt.datetime) -> None:
    """The cancel that comes in place of one that we have refused answers the question about it."""
    for again in invoices:
        if again.purpose != "cancel":
            continue
        before = InvoiceDocument.objects.filter(
            esi_id=again.esi_id,
            tdsp_code=again.tdsp_code,
            purpose="cancel",
            refusal="",
            original_reference=again.original_reference,
            pk__lt=again.pk,
        )
        for inbound_set_id in before.values_list("inbound_set_id", flat=True):
            resolve_by_key(
                kind=CONTENT,
                key=f"set {inbound_set_id} {ORIGINAL}",
                resolution=f"{again.reference} cancels in its place",
                now=now,
            )


def _part(usage_id: int) -> str:
    return f"usage {usage_id}"


def _lines(invoice: InvoiceDocument) -> Iterator[_Line]:
    for line in invoice.lines:
        quantity = Decimal(line["quantity"]) if line["quantity"] else None
        yield _Line(line["code"], line["unit"], quantity)
