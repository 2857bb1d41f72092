"""Running bills on a book of fakes, and putting money on an account."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ossrep.billing.models import LedgerAccount, SourceKind, Transfer, TransferKind
from ossrep.billing.queries.run_status import RunStatus
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.run_bills import InThisProcess, run_bills
from ossrep.infra.invariants import assert_invariants
from tests.factories.billing_book import Book


def run(book: Book, order: RunOrder) -> RunStatus:
    with book.standing_in():
        status = run_bills(order=order, workers=InThisProcess())
    assert_invariants(contexts=["billing"])
    return status


def pay(*, account_id: int, amount: str, date: dt.date, payment_id: int = 1) -> Transfer:
    cash, _ = LedgerAccount.objects.get_or_create(kind="cash", account_id=None, code="")
    receivable = LedgerAccount.objects.get(kind="receivable", account_id=account_id)
    return Transfer.objects.create(
        account_id=account_id,
        debit=cash,
        credit=receivable,
        amount_usd=Decimal(amount),
        kind=TransferKind.PAYMENT,
        source_kind=SourceKind.PAYMENT,
        source_id=payment_id,
        source_leg=1,
        brand_id=1,
        effective_date=date,
    )
