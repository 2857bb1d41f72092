"""The 820_02: which invoices of a wires company a payment covers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePayment:
    """What is paid of one 810_02, in dollars; negative for a cancelled one.

    ``invoice_amount_usd`` is the invoice's own total, and ``note`` the reason where less is paid.
    """

    invoice_reference: str
    amount_usd: Decimal
    invoice_amount_usd: Decimal | None = None
    esi_id: str = ""
    membership_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance(Transaction):
    """820_02, retailer to the wires company: one for exactly one payment.

    ``reference`` is the trace number (TRN02) that the bank's addenda carry too, ``date`` the
    payment's (BPR16). ``credit_or_debit`` is ``C``, or ``D`` for a negative advice; ``method``
    ``ACH`` or ``FWT``.
    """

    kind: ClassVar[str] = "820_02"

    handling: str = "I"
    total_usd: Decimal
    credit_or_debit: str = "C"
    method: str = "ACH"
    format: str = ""
    trace_type: str = "1"
    entity: str = "1"
    payments: tuple[InvoicePayment, ...] = ()
