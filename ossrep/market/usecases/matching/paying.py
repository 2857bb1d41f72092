"""Payments to the wires companies: prepared, approved or withdrawn, advised by an 820_02."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NewType

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.domain.matching_rules import approval_from_usd
from ossrep.market.edi.texas_set.model import Party
from ossrep.market.edi.texas_set.remittance import InvoicePayment, Remittance
from ossrep.market.models import (
    MarketIdentity,
    OpenInvoice,
    Tdsp,
    TdspPayment,
    TdspPaymentLine,
    TradingPartner,
)
from ossrep.market.queries.payables import Payable, list_payables
from ossrep.market.usecases.interchange.outbound import queue_message, take_reference

PaymentId = NewType("PaymentId", int)

METHODS = ("ACH", "FWT")


class NothingToPay(DomainError):
    """No open invoice answers to what was asked for."""

    code = "nothing_to_pay"


class InvalidShortPayment(DomainError):
    """An amount or a reason with which an invoice cannot be paid short."""

    code = "invalid_short_payment"


class PaymentRefused(DomainError):
    """A payment that this person, or nobody any more, may approve or withdraw."""

    code = "payment_refused"


@dataclass(frozen=True, slots=True)
class ShortPayment:
    """Less than is open of an invoice, and why; the rest is disputed."""

    amount_usd: Decimal
    reason: str


def prepare_payment(
    *,
    tdsp_code: str,
    due_by: dt.date,
    payment_date: dt.date,
    prepared_by: str,
    now: dt.datetime,
    method: str = "ACH",
    references: Collection[str] = (),
    short: Mapping[str, ShortPayment] | None = None,
) -> PaymentId:
    """Pays what is due to a TDSP by a date, cancels netted; advised at once below the limit.

    ``references`` chooses invoices, ``short`` pays some of them in part. A negative total is a
    negative advice. Raises NothingToPay, InvalidShortPayment, PaymentRefused, and what
    ``queue_message`` raises.
    """
    if not prepared_by.strip():
        raise PaymentRefused("say who prepares it")
    if method not in METHODS:
        raise PaymentRefused(f"the method is one of {', '.join(METHODS)}", where=method)
    with transaction():
        _lock(tdsp_code)
        payables = list_payables(tdsp_code=tdsp_code, due_by=due_by, references=references)
        lines = _lines(payables, short or {})
        total = sum((line.amount_usd for line in lines), Decimal())
        payment = TdspPayment.objects.create(
            tdsp_code=tdsp_code,
            reference=take_reference(prefix="PAY"),
            payment_date=payment_date,
            method=method,
            total_usd=total,
            needs_approval=abs(total) >= approval_from_usd(),
            prepared_by=prepared_by.strip(),
            prepared_at=now,
        )
        for line in lines:
            line.payment = payment
        TdspPaymentLine.objects.bulk_create(lines)
        paid = [line.invoice_id for line in lines if line.amount_usd == line.invoice_amount_usd]
        OpenInvoice.objects.filter(pk__in=paid).delete()
        if not payment.needs_approval:
            _send(payment, now)
    return PaymentId(payment.pk)


def approve_payment(*, reference: str, approved_by: str, now: dt.datetime) -> PaymentId:
    """A second person lets a prepared payment go; its 820_02 is queued. Raises PaymentRefused."""
    name = approved_by.strip()
    with transaction():
        payment = _lock_prepared(reference)
        if not name or name.casefold() == payment.prepared_by.casefold():
            raise PaymentRefused("who prepared it cannot approve it, too", where=reference)
        payment.approved_by, payment.approved_at = name, now
        _send(payment, now)
    return PaymentId(payment.pk)


def withdraw_payment(*, reference: str, by: str, reason: str, now: dt.datetime) -> None:
    """Takes back a payment that was not sent: its invoices are open again. Raises PaymentRefused.

    The second person refuses it so, or who prepared it has found a mistake.
    """
    if not by.strip() or not reason.strip():
        raise PaymentRefused("say who withdraws it and why", where=reference)
    with transaction():
        payment = _lock_prepared(reference)
        _lock(payment.tdsp_code)
        invoices = list(payment.lines.values_list("invoice_id", flat=True))
        later = TdspPaymentLine.objects.filter(
            invoice__in=invoices, payment__pk__gt=payment.pk
        ).exclude(payment__state="withdrawn")
        if found := later.select_related("payment", "invoice").first():
            raise PaymentRefused(
                f"{found.payment.reference} pays the rest of invoice {found.invoice.reference}; "
                "withdraw that one first",
                where=reference,
            )
        payment.state = "withdrawn"
        payment.withdrawn_by, payment.withdrawn_at = by.strip(), now
        payment.withdrawal_reason = reason.strip()
        payment.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawal_reason"])
        OpenInvoice.objects.bulk_create(
            [OpenInvoice(invoice_id=each) for each in invoices], ignore_conflicts=True
        )


def _lock_prepared(reference: str) -> TdspPayment:
    payment = TdspPayment.objects.select_for_update().filter(reference=reference).first()
    if payment is None:
        raise PaymentRefused("no payment has this number", where=reference)
    if payment.state == "withdrawn":
        raise PaymentRefused(f"{payment.withdrawn_by} has withdrawn it", where=reference)
    if payment.state != "prepared":
        raise PaymentRefused("its advice was sent already", where=reference)
    return payment


def _lock(tdsp_code: str) -> None:
    """Two payments of one TDSP follow each other, so that no invoice stands in both."""
    with connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 820))", [tdsp_code])


def _lines(payables: Sequence[Payable], short: Mapping[str, ShortPayment]) -> list[TdspPaymentLine]:
    unknown = sorted(set(short) - {payable.reference for payable in payables})
    if unknown:
        raise InvalidShortPayment("is not among what is due", where=", ".join(unknown))
    if not payables:
        raise NothingToPay("nothing is due")
    lines = []
    for payable in payables:
        part = short.get(payable.reference)
        if part is not None:
            _check_short(payable, part)
        lines.append(
            TdspPaymentLine(
                invoice_id=payable.invoice_id,
                amount_usd=payable.open_usd if part is None else part.amount_usd,
                invoice_amount_usd=payable.open_usd,
                short_reason="" if part is None else part.reason.strip(),
            )
        )
    return lines


def _check_short(payable: Payable, part: ShortPayment) -> None:
    if not part.reason.strip():
        raise InvalidShortPayment("say why less is paid", where=payable.reference)
    if part.amount_usd != part.amount_usd.quantize(Decimal("0.01")):
        raise InvalidShortPayment("dollars have two decimals", where=payable.reference)
    if not 0 <= part.amount_usd < payable.open_usd:
        raise InvalidShortPayment(
            f"must be from 0 to less than {payable.open_usd}", where=payable.reference
        )


def _send(payment: TdspPayment, now: dt.datetime) -> None:
    """Queues the 820_02 and notes it on the payment."""
    tdsp = Tdsp.objects.get(code=payment.tdsp_code)
    partner = TradingPartner.objects.filter(code=payment.tdsp_code).first()
    us = MarketIdentity.objects.filter(is_default=True).first()
    lines = payment.lines.select_related("invoice").order_by("pk")
    is_negative = payment.total_usd < 0
    payment.outbound_message_id = queue_message(
        transaction=Remittance(
            reference=payment.reference,
            date=payment.payment_date,
            tdsp=Party(tdsp.name, tdsp.duns or (partner.duns if partner else "")),
            retailer=Party(us.name, us.duns) if us else None,
            total_usd=abs(payment.total_usd),
            credit_or_debit="D" if is_negative else "C",
            method=payment.method,
            payments=tuple(_advised(line) for line in lines),
        ),
        partner=payment.tdsp_code,
        now=now,
    )
    payment.state = "sent"
    payment.save(update_fields=["state", "approved_by", "approved_at", "outbound_message_id"])


def _advised(line: TdspPaymentLine) -> InvoicePayment:
    is_short = bool(line.short_reason)
    return InvoicePayment(
        invoice_reference=line.invoice.reference,
        amount_usd=line.amount_usd,
        invoice_amount_usd=line.invoice_amount_usd if is_short else None,
        esi_id=line.invoice.esi_id,
        note=line.short_reason,
    )
