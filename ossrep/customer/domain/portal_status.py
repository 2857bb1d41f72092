"""What the portal's words mean: statuses of customers, accounts, contracts and meters on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from ossrep.customer.domain import contract_life
from ossrep.customer.domain.terms import term_end

AccountStatus = Literal["PENDING", "ACTIVE", "INACTIVE"]
ContractStatus = Literal["PENDING", "ACTIVE", "EXPIRED", "CANCELLED", "RENEWED"]
MeterStatus = Literal["AVAILABLE", "ACTIVE", "INACTIVE"]

CHANNELS: Final = ("email", "sms", "phone", "mail")
_MONTHS_MAX: Final = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What is known of one contract's life; ``end_date`` is the first day without service."""

    status: str
    start_date: dt.date
    end_date: dt.date | None
    term_end_date: dt.date | None
    end_reason: str

    def serves(self, day: dt.date) -> bool:
        """True when there is service on the day."""
        is_over = self.end_date is not None and self.end_date <= day
        return self.status in contract_life.SERVING and self.start_date <= day and not is_over

    def is_to_come(self, day: dt.date) -> bool:
        """True when service may or will begin after the day."""
        if self.status == contract_life.PENDING:
            return True
        return self.status in contract_life.SERVING and self.start_date > day


def account_status(lives: Collection[Life], *, day: dt.date) -> AccountStatus:
    """ACTIVE while a contract serves; PENDING before the first does; INACTIVE after the last."""
    if any(life.serves(day) for life in lives):
        return "ACTIVE"
    if not lives or any(life.is_to_come(day) for life in lives):
        return "PENDING"
    return "INACTIVE"


def customer_status(accounts: Iterable[AccountStatus]) -> AccountStatus:
    """The liveliest of the accounts'; PENDING without any."""
    found = set(accounts)
    if "ACTIVE" in found:
        return "ACTIVE"
    return "PENDING" if not found or "PENDING" in found else "INACTIVE"


def contract_status(life: Life, *, day: dt.date) -> ContractStatus:
    """CANCELLED: never served, or ended before its term by a move, a switch or non-payment."""
    if life.status == contract_life.CANCELLED:
        return "CANCELLED"
    if life.serves(day):
        return "ACTIVE"
    if life.is_to_come(day):
        return "PENDING"
    if life.end_reason in ("renewal", "plan_change"):
        return "RENEWED"
    is_early = life.term_end_date is not None and (life.end_date or day) < life.term_end_date
    return "CANCELLED" if is_early else "EXPIRED"


def shown_end(life: Life, *, day: dt.date) -> dt.date:
    """The end if it is known, else that of the term, else that of the month running on the day.

    A contract from month to month, or one that runs on after its term, ends on the next of its
    months' days after ``day`` (31 January, one month: 28 February).
    """
    if life.end_date is not None:
        return life.end_date
    if life.term_end_date is not None and (
        life.term_end_date > day or life.status == contract_life.CANCELLED
    ):
        return life.term_end_date
    origin = life.term_end_date or life.start_date
    passed = max(0, (day.year - origin.year) * 12 + day.month - origin.month - 1)
    for months in range(passed + 1, min(passed + 4, _MONTHS_MAX)):
        end = term_end(start=origin, months=months)
        if end is not None and end > day:
            return end
    return origin


def meter_status(*, removed_date: dt.date | None, is_served: bool, day: dt.date) -> MeterStatus:
    """INACTIVE once removed; ACTIVE while the account is served there; else AVAILABLE."""
    if removed_date is not None and removed_date <= day:
        return "INACTIVE"
    return "ACTIVE" if is_served else "AVAILABLE"
