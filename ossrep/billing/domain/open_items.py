"""Which charges are still open: credits pay the oldest balance first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that raised what an account owes; cents."""

    name: str
    date: dt.date
    due_date: dt.date | None
    amount_cents: int


@dataclass(frozen=True, slots=True)
class OpenItem:
    """The same with what of it is not paid."""

    owed: Owed
    open_cents: int


@dataclass(frozen=True, slots=True)
class OpenItems:
    """All items of an account, oldest first, and credit that nothing is left to be paid with."""

    items: tuple[OpenItem, ...]
    credit_cents: int


def apply_oldest_first(*, owed: Sequence[Owed], credit_cents: int) -> OpenItems:
    """Pays items in order of date (given order at equal dates) out of one sum of credits."""
    left = credit_cents
    items = []
    for item in sorted(owed, key=lambda item: item.date):
        paid = min(item.amount_cents, left)
        left -= paid
        items.append(OpenItem(item, item.amount_cents - paid))
    return OpenItems(tuple(items), left)
