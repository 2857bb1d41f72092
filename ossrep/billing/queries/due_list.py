"""Who should have been billed and was not, why, and how long the 30-day clock has run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ossrep.billing.models import AccountHold, WorkItem, WorkItemStatus
from ossrep.billing.queries.due_bills import DueBill, find_due
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import CustomerService

CLOCK_DAYS = 30
"""16 TAC §25.479: a bill goes out within 30 days of the usage."""

ACCOUNTS_PER_CALL = 1_000
NOT_RUN_YET = "not_run_yet"


@dataclass(frozen=True, slots=True)
class DueLine:
    """One bill that is due; ``days`` since its period ended, ``days_left`` of the 30."""

    account_id: AccountId
    account_number: str
    name: str
    esi_ids: tuple[str, ...]
    period_start: dt.date
    period_end: dt.date
    reason: str
    message: str
    days: int

    @property
    def days_left(self) -> int:
        """Negative when the clock has run out."""
        return CLOCK_DAYS - self.days


def list_due(*, as_of: dt.date, read_cycle: str | None = None) -> list[DueLine]:
    """Every bill whose period has ended and that is not issued, longest waiting first."""
    due = find_due(read_cycle=read_cycle, as_of=as_of)
    ids = sorted({b.account_id for b in due.bills} | {c.account_id for c in due.unplanned})
    names = _names(ids, as_of)
    reasons = _reasons(ids)
    lines = [
        _line(bill, names.get(bill.account_id, ("", "")), reasons.get(bill.account_id), as_of)
        for bill in due.bills
    ]
    lines += [
        DueLine(
            c.account_id,
            *names.get(c.account_id, ("", "")),
            (c.esi_id,),
            c.start,
            as_of,
            c.reason,
            c.message,
            (as_of - c.start).days,
        )
        for c in due.unplanned
    ]
    return sorted(lines, key=lambda line: (line.period_end, line.account_number))


def _line(
    bill: DueBill,
    name: tuple[str, str],
    reason: tuple[str, str] | None,
    as_of: dt.date,
) -> DueLine:
    code, message = reason or (NOT_RUN_YET, "no run has looked at it yet")
    return DueLine(
        bill.account_id,
        *name,
        tuple(contract.esi_id for contract in bill.contracts),
        bill.period_start,
        bill.period_end,
        code,
        message,
        (as_of - bill.period_end).days,
    )


def _names(ids: Sequence[AccountId], as_of: dt.date) -> Mapping[AccountId, tuple[str, str]]:
    customers = resolve(CustomerService)
    return {
        account.account_id: (account.account_number, account.bill_to_name)
        for some in _portions(ids)
        for account in customers.get_billing_accounts(account_ids=some, period_end=as_of)
    }


def _portions(ids: Sequence[AccountId]) -> Iterator[Sequence[AccountId]]:
    for first in range(0, len(ids), ACCOUNTS_PER_CALL):
        yield ids[first : first + ACCOUNTS_PER_CALL]


def _reasons(ids: Sequence[AccountId]) -> Mapping[int, tuple[str, str]]:
    """A hold goes before a work item; of several work items the first."""
    found: dict[int, tuple[str, str]] = {}
    items = WorkItem.objects.filter(account_id__in=ids, status=WorkItemStatus.OPEN)
    for item in items.order_by("-pk"):
        found[item.account_id] = (item.reason_code, item.message)
    for hold in AccountHold.objects.filter(account_id__in=ids, lifted_at=None):
        found[hold.account_id] = ("account_on_hold", hold.reason)
    return found
