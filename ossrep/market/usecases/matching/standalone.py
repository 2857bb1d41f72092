"""Charges that belong to no month: billing gets them with the next period that is matched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import EsiId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.db import connection, transaction
from ossrep.market.models import InvoiceDocument, StandaloneCharges, WorkItem
from ossrep.market.usecases.work_items import resolve_by_key
from ossrep.published.customer import CustomerService

STANDALONE = "standalone_charges"
ITEMS_PER_CALL_MAX = 1_000
_OF_ACCOUNT = "; account "

# One period of each service point, the earliest, gets all that waits there.
_ASSIGN = """
    UPDATE standalone_charges s SET period_id = p.id, assigned_at = %s
    FROM (SELECT DISTINCT ON (esi_id, tdsp_code) id, esi_id, tdsp_code, start_date, end_date
          FROM matched_period WHERE id = ANY(%s) ORDER BY esi_id, tdsp_code, start_date) p,
         invoice_document i
    WHERE s.esi_id = p.esi_id AND s.tdsp_code = p.tdsp_code AND s.period_id IS NULL
      AND i.id = s.invoice_id
    RETURNING i.inbound_set_id, p.start_date, p.end_date
"""


def keep_standalone(*, invoices: Sequence[InvoiceDocument]) -> None:
    """Keeps what the customer is to pay of saved invoices without usage, until a period takes it.

    A cancel takes away what waits; of what billing was given already it is the opposite, to be
    given with the next period. In the caller's transaction.
    """
    for row in invoices:
        if not row.is_standalone or row.refusal:
            continue
        if row.purpose == "cancel":
            _cancel(row)
        elif any(line["is_passed_on"] for line in row.lines) and not _is_cancelled(row):
            _keep(row, None)


def assign_standalone(*, period_ids: Sequence[int], now: dt.datetime) -> None:
    """Gives what waits to periods that were just matched, and settles the questions about it."""
    if not period_ids:
        return
    with connection().cursor() as cursor:
        cursor.execute(_ASSIGN, [now, list(period_ids)])
        assigned = cursor.fetchall()
    for inbound_set_id, start, end in assigned:
        resolve_by_key(
            kind=STANDALONE,
            key=f"set {inbound_set_id}",
            resolution=f"billing gets them with the charges of {start} to {end}",
            now=now,
        )


def name_accounts(*, now: dt.datetime) -> int:
    """Adds the account's number to the open questions that lack it; how many got one.

    It is the account served at the ESI ID now, else the last one. ``market clock`` asks for it,
    not the mailroom: taking files must not depend on the house of the customers.
    """
    unnamed = WorkItem.objects.filter(kind=STANDALONE, state="open")
    items = list(unnamed.exclude(title__contains=_OF_ACCOUNT).order_by("pk")[:ITEMS_PER_CALL_MAX])
    if not items:
        return 0
    numbers = resolve(CustomerService).find_account_numbers(
        esi_ids={item.esi_id for item in items}, served_on=now.astimezone(MARKET_ZONE).date()
    )
    named = [item for item in items if item.esi_id in numbers]
    with transaction():
        for item in unnamed.select_for_update().filter(pk__in=[each.pk for each in named]):
            item.title = f"{item.title}{_OF_ACCOUNT}{numbers[EsiId(item.esi_id)]}"
            item.save(update_fields=["title"])
    return len(named)


def _keep(row: InvoiceDocument, negates: InvoiceDocument | None) -> None:
    StandaloneCharges.objects.create(
        invoice=row, negates=negates, esi_id=row.esi_id, tdsp_code=row.tdsp_code
    )


def _cancel(row: InvoiceDocument) -> None:
    kept = (
        StandaloneCharges.objects.select_related("invoice")
        .filter(
            esi_id=row.esi_id,
            tdsp_code=row.tdsp_code,
            invoice__reference=row.original_reference,
            negates=None,
        )
        .first()
    )
    if kept is None:
        return
    if StandaloneCharges.objects.filter(negates=kept.invoice).exists():
        return  # Cancelled before, by one that we have refused.
    if kept.period_id is not None:
        _keep(row, kept.invoice)
        return
    resolve_by_key(
        kind=STANDALONE,
        key=f"set {kept.invoice.inbound_set_id}",
        resolution=f"cancelled by {row.reference}",
        now=row.received_at,
    )
    kept.delete()


def _is_cancelled(row: InvoiceDocument) -> bool:
    """Whether its cancel came before it."""
    cancels = InvoiceDocument.objects.filter(
        esi_id=row.esi_id, tdsp_code=row.tdsp_code, purpose="cancel", refusal=""
    )
    return cancels.filter(original_reference=row.reference).exists()
