"""What customers pay of what they owe: most of them all of it, in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np

from ossrep.demo.book import Account
from ossrep.demo.files.csv_files import write_csv
from ossrep.demo.schedule import Month, run_date
from ossrep.infra.services import resolve
from ossrep.published.billing import BillingService
from ossrep.published.customer import CustomerService

COLUMNS = ("account", "date", "amount", "reference")
STRANGER = "2999999"
"""An account that nobody knows: every bank's file has one."""

_IN_FULL, _IN_PART = 0.82, 0.90
_CENT = Decimal("0.01")
_DAYS_AFTER_RUN = (8, 17)


def write_payments(*, path: Path, accounts: Sequence[Account], month: Month, seed: int) -> int:
    """Writes what comes in after the bill runs of a month; returns the number of payments.

    What each account owes is asked of billing.
    """
    rows = list(_payments(accounts, find_balances(accounts=accounts), month, seed))
    if rows:
        _, received, amount, _ = rows[-1]
        rows.append((STRANGER, received, amount, _reference(month, STRANGER)))
    return write_csv(path=path, columns=COLUMNS, rows=rows)


def find_balances(*, accounts: Sequence[Account]) -> Mapping[str, Decimal]:
    """What each account owes, by account number; accounts that are not loaded are left out."""
    numbers = [account.number for account in accounts]
    ids = resolve(CustomerService).find_account_ids(account_numbers=numbers)
    owed = resolve(BillingService).get_balances(account_ids=list(ids.values()))
    return {number: owed[account_id] for number, account_id in ids.items()}


def _payments(
    accounts: Sequence[Account], owed: Mapping[str, Decimal], month: Month, seed: int
) -> Iterator[tuple[str, dt.date, Decimal, str]]:
    rng = np.random.default_rng([seed, 30, month.number])
    moods = rng.random(len(accounts)).tolist()
    delays = rng.integers(*_DAYS_AFTER_RUN, len(accounts)).tolist()
    for account, mood, delay in zip(accounts, moods, delays, strict=True):
        balance = owed.get(account.number, Decimal(0))
        if balance <= 0 or mood >= _IN_PART:
            continue
        amount = balance if mood < _IN_FULL else (balance / 2).quantize(_CENT, ROUND_HALF_UP)
        billed = run_date(cycle=account.sites[0].cycle, month=month)
        received = billed + dt.timedelta(days=delay)
        yield (account.number, received, amount, _reference(month, account.number))


def _reference(month: Month, account_number: str) -> str:
    return f"LB-{month}-{account_number}"
