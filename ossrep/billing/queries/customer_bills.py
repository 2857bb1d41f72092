"""What a customer may see of money: the scope's own accounts, and nothing of anybody else.

The check lives here: every function takes the caller's scope, and the database looks a second
time (``infra.external_role``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from django.db.models import OuterRef, QuerySet, Subquery

from ossrep.billing.db import ALIAS
from ossrep.billing.domain.open_items import Credit, Settlement, settlements
from ossrep.billing.models import Invoice, Payment, Reversal
from ossrep.billing.queries.balances import get_balances
from ossrep.billing.queries.invoices import StoredInvoice, load_invoices
from ossrep.billing.queries.open_items import Fact, list_facts
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.external_role import external
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, InvoiceId
from ossrep.kernel.money import cents, dollars

_NOTHING_OWED = Settlement(0, None)
Found = TypeVar("Found")


class UnknownAccount(DomainError):
    """The caller has no such account, whether anybody else has it or not."""

    code = "unknown_account"


class UnknownBill(DomainError):
    """The caller has no such invoice, whether anybody else has it or not."""

    code = "unknown_invoice"


class BillStatus(StrEnum):
    """How an invoice stands on a day."""

    PENDING = "pending"
    """Issued with a date that is still to come."""
    UNPAID = "unpaid"
    OVERDUE = "overdue"
    PAID = "paid"
    REVERSED = "reversed"
    """It no longer counts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open of an account's invoices on ``today``."""

    today: dt.date
    of_invoices: Mapping[int, Settlement]

    @property
    def open_ids(self) -> list[int]:
        """Invoices of which something is open."""
        return [pk for pk, settled in self.of_invoices.items() if settled.open_cents]

    def settlement(self, invoice: Invoice) -> Settlement:
        """A bill that is a credit, or 0, is paid by itself, on its own day."""
        found = self.of_invoices.get(invoice.pk)
        return found or Settlement(_NOTHING_OWED.open_cents, invoice.issue_date)

    def status(self, invoice: Invoice, *, is_reversed: bool) -> BillStatus:
        """One word for it."""
        if is_reversed:
            return BillStatus.REVERSED
        if invoice.issue_date > self.today:
            return BillStatus.PENDING
        if not self.settlement(invoice).open_cents:
            return BillStatus.PAID
        return BillStatus.OVERDUE if invoice.due_date < self.today else BillStatus.UNPAID


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice with all its rows, and how it stands."""

    stored: StoredInvoice
    settlement: Settlement
    status: BillStatus


@dataclass(frozen=True, slots=True)
class AccountMoney:
    """What an account owes, in dollars: ``balance = open - credit``."""

    balance_usd: Decimal
    open_usd: Decimal
    overdue_usd: Decimal
    credit_usd: Decimal
    next_due_date: dt.date | None


def list_bills(
    *,
    scope: CustomerScope,
    account_id: int,
    today: dt.date,
    cut: Callable[[QuerySet[Invoice], Standing], Found],
) -> tuple[Found, Standing]:
    """What ``cut`` takes of the account's invoices, and how these stand; two queries.

    Each has ``reversed_on``. ``cut`` filters and reads inside the transaction that only sees
    the caller's rows. Raises UnknownAccount.
    """
    _check_account(scope, account_id)
    reversal = Reversal.objects.filter(invoice_id=OuterRef("pk")).values("effective_date")
    invoices = (
        Invoice.objects.filter(account_id=account_id)
        .annotate(reversed_on=Subquery(reversal[:1]))
        .defer("snapshot")
    )
    with external(ALIAS, scope=scope):
        standing = _standing(account_id, today)
        return cut(invoices, standing), standing


def get_bill(*, scope: CustomerScope, invoice_id: int, today: dt.date) -> Bill:
    """An invoice of one of the caller's accounts; eight queries. Raises UnknownBill."""
    with external(ALIAS, scope=scope):
        stored = _load(scope, invoice_id)
        standing = _standing(stored.invoice.account_id, today)
    is_reversed = stored.reversal is not None
    return Bill(
        stored=stored,
        settlement=standing.settlement(stored.invoice),
        status=standing.status(stored.invoice, is_reversed=is_reversed),
    )


def get_stored_bill(*, scope: CustomerScope, invoice_id: int) -> StoredInvoice:
    """The rows of an invoice of one of the caller's accounts. Raises UnknownBill."""
    with external(ALIAS, scope=scope):
        return _load(scope, invoice_id)


def get_account_money(*, scope: CustomerScope, account_id: int, today: dt.date) -> AccountMoney:
    """The balance of an account and what it is made of; two queries. Raises UnknownAccount."""
    _check_account(scope, account_id)
    key = AccountId(account_id)
    with external(ALIAS, scope=scope):
        facts = list_facts(account_ids=[key])
        balance = get_balances(account_ids=[key])[key]
    still_open = [(fact, found.open_cents) for fact, found in _settle(facts) if found.open_cents]
    open_cents = sum(amount for _, amount in still_open)
    due_dates = [fact.due_date for fact, _ in still_open if fact.due_date]
    return AccountMoney(
        balance_usd=balance,
        open_usd=dollars(open_cents),
        overdue_usd=dollars(
            sum(amount for fact, amount in still_open if (fact.due_date or fact.date) < today)
        ),
        credit_usd=dollars(open_cents - cents(balance)),
        next_due_date=min((date for date in due_dates if date >= today), default=None),
    )


def list_payments(
    *, scope: CustomerScope, account_id: int, cut: Callable[[QuerySet[Payment]], Found]
) -> Found:
    """What ``cut`` takes of the account's payments; one query. Raises UnknownAccount."""
    _check_account(scope, account_id)
    with external(ALIAS, scope=scope):
        return cut(Payment.objects.filter(account_id=account_id))


def _check_account(scope: CustomerScope, account_id: int) -> None:
    if account_id not in scope.account_ids:
        raise UnknownAccount("there is no such account")


def _load(scope: CustomerScope, invoice_id: int) -> StoredInvoice:
    own = Invoice.objects.filter(pk=invoice_id, account_id__in=scope.account_ids)
    if not own.exists():
        raise UnknownBill("there is no such invoice")
    (stored,) = load_invoices(invoice_ids=[InvoiceId(invoice_id)])
    return stored


def _standing(account_id: int, today: dt.date) -> Standing:
    settled = _settle(list_facts(account_ids=[AccountId(account_id)]))
    return Standing(
        today,
        {fact.invoice_id: found for fact, found in settled if fact.invoice_id is not None},
    )


def _settle(facts: list[Fact]) -> list[tuple[Fact, Settlement]]:
    owed = [fact for fact in facts if fact.amount_cents > 0]
    found = settlements(
        owed=[fact.owed for fact in owed],
        credits=[Credit(f.date, -f.amount_cents) for f in facts if f.amount_cents < 0],
    )
    return list(zip(owed, found, strict=True))
