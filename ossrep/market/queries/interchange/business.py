"""What stands behind the messages of a service point: orders, periods and payments."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from ossrep.market.domain.matching import PeriodState
from ossrep.market.models import MatchedPeriod, Order, TdspPaymentLine
from ossrep.market.queries.interchange.shown import Shown

ROWS_MAX = 200


def orders_of(*, text: str) -> Iterator[Shown]:
    """Orders of an ESI ID, or the one of a number."""
    found = Order.objects.filter(Q(esi_id=text) | Q(reference=text)).order_by("-pk")
    for order in found[:ROWS_MAX]:
        dates = [
            f"{name} {date}"
            for name, date in (
                ("asked for", order.requested_date),
                ("scheduled", order.scheduled_date),
                ("in effect", order.effective_date),
            )
            if date is not None
        ]
        account = [f"account {order.account_number}"] if order.account_number else []
        yield Shown(
            at=order.started_at,
            what=f"{order.kind.replace('_', '-')} begins",
            name=f"order:{order.pk}",
            partner=order.partner,
            reference=order.reference,
            esi_id=order.esi_id,
            state=order.state,
            told=", ".join([*account, *dates]),
        )


def periods_of(*, text: str) -> Iterator[Shown]:
    """What counts of each service period of an ESI ID, at the time of its last change."""
    found = MatchedPeriod.objects.filter(esi_id=text).exclude(state=PeriodState.EMPTY)
    for period in found.select_related("usage", "invoice").order_by("-start_date")[:ROWS_MAX]:
        usage, invoice = period.usage, period.invoice
        told = [
            *([f"usage {usage.reference}"] if usage else []),
            *([f"invoice {invoice.reference} of {invoice.total_usd} USD"] if invoice else []),
            *([period.reason] if period.reason else []),
        ]
        yield Shown(
            at=period.changed_at,
            what=f"period {period.start_date} to {period.end_date}",
            name=f"period:{period.pk}",
            partner=period.tdsp_code,
            reference=invoice.reference if invoice else usage.reference if usage else "",
            esi_id=period.esi_id,
            state=period.state,
            told="; ".join(told),
        )


def payment_lines_of(*, text: str) -> list[TdspPaymentLine]:
    """What was paid of the invoices of an ESI ID, of one invoice, or by one payment."""
    named = Q(invoice__esi_id=text) | Q(invoice__reference=text) | Q(payment__reference=text)
    lines = TdspPaymentLine.objects.filter(named).select_related("payment", "invoice")
    return list(lines.order_by("-pk")[:ROWS_MAX])
