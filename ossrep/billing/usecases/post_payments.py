"""Books payments: each reference once, one transfer from cash to the customer's receivable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ossrep.billing.db import ALIAS, connection, transaction
from ossrep.billing.domain.payment_rows import PaymentRow
from ossrep.billing.domain.refused import Refused
from ossrep.billing.models import (
    LedgerAccountKind,
    Payment,
    SourceKind,
    Transfer,
    TransferKind,
)
from ossrep.billing.usecases.customer_money import find_accounts, house_account_id, take_turns
from ossrep.infra import outbox
from ossrep.published.billing import PaymentPosted
from ossrep.published.customer import BillingAccount


@dataclass(slots=True)
class PostedPayments:
    """What became of rows: posted now, known from before, refused."""

    posted: list[PaymentRow] = field(default_factory=list)
    known: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def posted_usd(self) -> Decimal:
        """Sum of what was posted now."""
        return sum((row.amount_usd for row in self.posted), Decimal(0))


def post_payments(*, rows: Sequence[PaymentRow], file_name: str) -> PostedPayments:
    """Posts a batch in one transaction. The same reference with other content is refused.

    A payment lowers what the account owes; by order of time the oldest balance is paid first
    (16 TAC §25.480 leaves partial payments to the older electric balance).
    """
    result = PostedPayments()
    accounts = find_accounts(
        numbers={row.account_number for row in rows},
        as_of=max(row.received_date for row in rows),
    )
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.payments'))")
        fresh = _fresh(rows, accounts, result)
        if fresh:
            _book(fresh, accounts, file_name)
    result.posted = fresh
    return result


def _fresh(
    rows: Sequence[PaymentRow], accounts: Mapping[str, BillingAccount], result: PostedPayments
) -> list[PaymentRow]:
    """Rows that are new and can be posted; the others are counted."""
    references = {row.reference for row in rows}
    seen = {
        payment.reference: _identity(
            payment.account_number, payment.received_date, payment.amount_usd
        )
        for payment in Payment.objects.filter(reference__in=references)
    }
    fresh: list[PaymentRow] = []
    for row in rows:
        identity = _identity(row.account_number, row.received_date, row.amount_usd)
        if row.account_number not in accounts:
            _refuse(row, "unknown_account", f"no account {row.account_number} is known", result)
        elif row.reference not in seen:
            seen[row.reference] = identity
            fresh.append(row)
        elif seen[row.reference] == identity:
            result.known += 1
        else:
            before = ", ".join(seen[row.reference])
            text = f"{row.reference} was posted before with other content ({before})"
            _refuse(row, "reference_reused", text, result)
    return fresh


def _identity(account_number: str, date: object, amount: Decimal) -> tuple[str, str, str]:
    return account_number, str(date), f"{amount:.2f}"


def _refuse(row: PaymentRow, code: str, message: str, result: PostedPayments) -> None:
    result.refused.append(Refused(row.line, row.content, code, message))


def _book(
    rows: Sequence[PaymentRow], accounts: Mapping[str, BillingAccount], file_name: str
) -> None:
    payments = Payment.objects.bulk_create(
        Payment(
            account_id=accounts[row.account_number].account_id,
            account_number=row.account_number,
            reference=row.reference,
            received_date=row.received_date,
            amount_usd=row.amount_usd,
            file_name=file_name,
            line=row.line,
        )
        for row in rows
    )
    turns = take_turns(account_ids={accounts[row.account_number].account_id for row in rows})
    cash = house_account_id(LedgerAccountKind.CASH)
    Transfer.objects.bulk_create(
        Transfer(
            account_id=account.account_id,
            debit_id=cash,
            credit_id=turns[account.account_id],
            amount_usd=payment.amount_usd,
            kind=TransferKind.PAYMENT,
            source_kind=SourceKind.PAYMENT,
            source_id=payment.pk,
            source_leg=1,
            brand_id=account.brand_id,
            effective_date=payment.received_date,
        )
        for payment, account in _with_accounts(payments, accounts)
    )
    outbox.append_many(
        context=ALIAS,
        events=[
            PaymentPosted(
                account_id=payment.account_id,
                account_number=payment.account_number,
                reference=payment.reference,
                received_date=payment.received_date,
                amount_usd=f"{payment.amount_usd:.2f}",
            )
            for payment in payments
        ],
    )


def _with_accounts(
    payments: Sequence[Payment], accounts: Mapping[str, BillingAccount]
) -> list[tuple[Payment, BillingAccount]]:
    return [(payment, accounts[payment.account_number]) for payment in payments]
