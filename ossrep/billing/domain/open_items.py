"""Which charges are still open: credits pay the oldest balance first."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


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


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that arrived, or another thing that lowered what an account owes; cents, positive."""

    date: dt.date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What of an item is not paid, and the day on which nothing was left of it."""

    open_cents: int
    paid_on: dt.date | None


def settlements(*, owed: Sequence[Owed], credits: Sequence[Credit]) -> list[Settlement]:
    """One for each item: the oldest credits pay the oldest items (given order at equal dates).

    A credit that was there before the item pays it on the item's own day.
    """
    rising = sorted(credits, key=lambda credit: credit.date)
    sums = list(accumulate(credit.amount_cents for credit in rising))
    total = sums[-1] if sums else 0
    found = [Settlement(0, None)] * len(owed)
    asked = 0
    for place in sorted(range(len(owed)), key=lambda place: owed[place].date):
        item = owed[place]
        asked += item.amount_cents
        still_open = min(max(asked - total, 0), item.amount_cents)
        paid_on = None
        if not still_open and item.amount_cents:
            paid_on = max(rising[bisect_left(sums, asked)].date, item.date)
        found[place] = Settlement(still_open, paid_on)
    return found
