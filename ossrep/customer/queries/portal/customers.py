"""The customer behind a login."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from ossrep.customer import db
from ossrep.customer.domain.portal_status import (
    AccountStatus,
    Life,
    account_status,
    customer_status,
)
from ossrep.infra.auth.scope import CustomerScope


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInShort:
    """An account as the customer's page names it."""

    account_id: int
    number: str
    nickname: str
    status: AccountStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalCustomer:
    """Names as they apply to a person or a business; ``email`` and ``phone`` may be empty."""

    customer_id: int
    number: str
    type: str
    first_name: str
    last_name: str
    business_name: str
    email: str
    phone: str
    created_at: dt.datetime
    status: AccountStatus
    accounts: tuple[AccountInShort, ...]


_CUSTOMER = """
    SELECT id, number, type, first_name, last_name, business_name, created_at
    FROM customer WHERE id = %s
"""
# The customer's own before those of an account, the primary one before others.
_CONTACTS = """
    SELECT email, phone FROM contact
    WHERE customer_id = %s AND (account_id IS NULL OR account_id = ANY(%s))
    ORDER BY account_id IS NOT NULL, role <> 'primary', id
"""
_ACCOUNTS = """
    SELECT a.id, a.number, a.nickname, a.email,
        k.status, k.start_date, k.end_date, k.term_end_date, k.end_reason
    FROM account a LEFT JOIN contract k ON k.account_id = a.id
    WHERE a.id = ANY(%s) ORDER BY a.id, k.id
"""


def get_customer(*, scope: CustomerScope, day: dt.date) -> PortalCustomer:
    """The scope's customer with its accounts in short; three statements."""
    account_ids = list(scope.account_ids)
    with db.external(scope=scope):
        (customer,) = db.rows(_CUSTOMER, [scope.customer_id])
        contacts = db.rows(_CONTACTS, [scope.customer_id, account_ids])
        rows = db.rows(_ACCOUNTS, [account_ids])
    accounts = tuple(_in_short(list(own), day) for _, own in groupby(rows, key=itemgetter(0)))
    emails = [email for email, _ in contacts] + [row[3] for row in rows]
    return PortalCustomer(
        customer_id=customer[0],
        number=customer[1],
        type=customer[2],
        first_name=customer[3],
        last_name=customer[4],
        business_name=customer[5],
        created_at=customer[6],
        email=next(filter(None, emails), ""),
        phone=next(filter(None, (phone for _, phone in contacts)), ""),
        status=customer_status(account.status for account in accounts),
        accounts=accounts,
    )


def _in_short(rows: Sequence[tuple[Any, ...]], day: dt.date) -> AccountInShort:
    account_id, number, nickname, *_ = rows[0]
    lives = [
        Life(
            status=status,
            start_date=start,
            end_date=end,
            term_end_date=term_end,
            end_reason=reason,
        )
        for status, start, end, term_end, reason in (row[4:] for row in rows)
        if status is not None
    ]
    return AccountInShort(
        account_id=account_id,
        number=number,
        nickname=nickname,
        status=account_status(lives, day=day),
    )
