"""Refuses invoices whose dates are not those of the usage that they name (824, DDM)."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.deadlines import local_text
from ossrep.market.domain.matching import PeriodState
from ossrep.market.domain.matching_rules import dates_refused_at
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument, WorkItem
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.usecases.matching.refusing import AdviceRefused, send_advice
from ossrep.market.usecases.matching.telling import HELD

CODE = "DDM"
PERIODS_MAX = 10_000


def refuse_other_dates(*, as_of: dt.datetime) -> int:
    """Sends the 824 of each held period whose invoice names usage of other dates; how many.

    That is what RMG 9 D2 says of DDM. It is sent when nobody has put the two right in the time of
    ``data/matching.yaml``; after the window of the 824, or where one was sent, a person is left
    with the work item. Idempotent.
    """
    calendars = get_calendars()
    held = MatchedPeriod.objects.filter(state=PeriodState.HELD, invoice__isnull=False)
    sent = 0
    for period in held.select_related("invoice").order_by("pk")[:PERIODS_MAX]:
        invoice = period.invoice
        assert invoice is not None
        if dates_refused_at(received_at=invoice.received_at, calendars=calendars) > as_of:
            continue
        usage = _find_named(invoice)
        if usage is not None and _refuse(invoice, usage, as_of):
            sent += 1
    return sent


def _find_named(invoice: InvoiceDocument) -> UsageDocument | None:
    """The usage that the invoice names, where it counts and is of other dates."""
    usage = UsageDocument.objects.filter(
        esi_id=invoice.esi_id,
        tdsp_code=invoice.tdsp_code,
        reference=invoice.usage_reference,
        refusal="",
    ).first()
    if usage is None or (usage.start_date, usage.end_date) == (
        invoice.start_date,
        invoice.end_date,
    ):
        return None
    counts = MatchedPeriod.objects.filter(esi_id=usage.esi_id, usage=usage)
    return usage if counts.exists() else None


def _refuse(invoice: InvoiceDocument, usage: UsageDocument, now: dt.datetime) -> bool:
    text = (
        f"BILLED {invoice.start_date} TO {invoice.end_date}, USAGE {usage.start_date} TO "
        f"{usage.end_date}"
    )
    try:
        with transaction():
            send_advice(reference=invoice.reference, code=CODE, text=text, now=now)
            _note(invoice, now)
    except AdviceRefused:
        return False
    return True


def _note(invoice: InvoiceDocument, now: dt.datetime) -> None:
    items = WorkItem.objects.select_for_update().filter(
        kind=HELD, state="open", inbound_set_id=invoice.inbound_set_id
    )
    for item in items:
        told = f"An 824 ({CODE}) was sent on {local_text(now)}"
        item.text += f"\n{told}: the TDSP owes its cancel and replacement."
        item.save(update_fields=["text"])
