"""What a customer may change of their own: how to reach them, where and how bills go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ossrep.customer import db
from ossrep.customer.domain.portal_status import CHANNELS
from ossrep.infra.auth.scope import CustomerScope
from ossrep.published.customer import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileAccount:
    """An account with its name and where its mail goes."""

    account_id: int
    number: str
    nickname: str
    bill_to_name: str
    mailing_address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Names are the retailer's to change; ``email`` and ``phone`` may be empty."""

    customer_id: int
    number: str
    type: str
    first_name: str
    last_name: str
    business_name: str
    email: str
    phone: str
    accounts: tuple[ProfileAccount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPreferences:
    """How an account's bills come: ``delivery`` paper or email, ``language`` en or es."""

    account_id: int
    number: str
    delivery: str
    email: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """``consents``: whether offers may come, for every channel; accounts by id."""

    consents: Mapping[str, bool]
    accounts: tuple[AccountPreferences, ...]


_CUSTOMER = """
    SELECT id, number, type, first_name, last_name, business_name
    FROM customer WHERE id = %s
"""
# The customer's own before those of an account, the primary one before others.
_CONTACTS = """
    SELECT email, phone FROM contact
    WHERE customer_id = %s AND (account_id IS NULL OR account_id = ANY(%s))
    ORDER BY account_id IS NOT NULL, role <> 'primary', id
"""
_PROFILE_ACCOUNTS = """
    SELECT id, number, nickname, bill_to_name, email,
        mailing_line1, mailing_line2, mailing_city, mailing_state, mailing_zip
    FROM account WHERE id = ANY(%s) ORDER BY id
"""
_PREFERENCES = """
    SELECT id, number, delivery, email, language FROM account WHERE id = ANY(%s) ORDER BY id
"""
_CONSENTS = "SELECT channel, is_given FROM contact_consent WHERE customer_id = %s"


def get_profile(*, scope: CustomerScope) -> Profile:
    """The scope's profile; three statements."""
    account_ids = list(scope.account_ids)
    with db.external(scope=scope):
        (customer,) = db.rows(_CUSTOMER, [scope.customer_id])
        contacts = db.rows(_CONTACTS, [scope.customer_id, account_ids])
        rows = db.rows(_PROFILE_ACCOUNTS, [account_ids])
    emails = [email for email, _ in contacts] + [row[4] for row in rows]
    return Profile(
        customer_id=customer[0],
        number=customer[1],
        type=customer[2],
        first_name=customer[3],
        last_name=customer[4],
        business_name=customer[5],
        email=next(filter(None, emails), ""),
        phone=next(filter(None, (phone for _, phone in contacts)), ""),
        accounts=tuple(
            ProfileAccount(
                account_id=row[0],
                number=row[1],
                nickname=row[2],
                bill_to_name=row[3],
                mailing_address=Address(*row[5:]),
            )
            for row in rows
        ),
    )


def get_preferences(*, scope: CustomerScope) -> Preferences:
    """The scope's preferences; two statements. A channel never decided on is refused."""
    with db.external(scope=scope):
        decided = dict(db.rows(_CONSENTS, [scope.customer_id]))
        rows = db.rows(_PREFERENCES, [list(scope.account_ids)])
    return Preferences(
        consents={channel: decided.get(channel, False) for channel in CHANNELS},
        accounts=tuple(
            AccountPreferences(
                account_id=account_id, number=number, delivery=delivery, email=email, language=lang
            )
            for account_id, number, delivery, email, lang in rows
        ),
    )
