"""Which period a contract is to be billed for next.

From the end of what was billed (or the contract's start) to the read date of the meter-read
cycle. Where the market's monthly usage (867_03) covers the start, its end decides. A contract
that ends before either is billed to its end, once and for all.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

CALENDAR_GAP_DAYS_MAX = 45
"""Days without a read date before as-of that no monthly calendar has: it was not loaded."""


CYCLE_DAYS_MIN = 15
"""A calendar date so soon after a read belongs to that read, which came a few days early."""


class NotDue(StrEnum):
    """Why there is no window."""

    BILLED_TO_THE_END = "billed_to_the_end"
    NOT_READ_YET = "not_read_yet"
    NO_READ_CALENDAR = "no_read_calendar"


@dataclass(frozen=True, slots=True)
class Window:
    """Local dates ``[start, end)`` to bill; ``is_final`` when the contract ends with it."""

    start: dt.date
    end: dt.date
    is_final: bool


@dataclass(frozen=True, slots=True)
class BillingHorizon:
    """What decides a contract's windows; ``read_dates`` and ``usage_periods`` are rising."""

    contract_start: dt.date
    contract_end: dt.date | None
    billed_through: dt.date | None
    read_dates: Sequence[dt.date]
    usage_periods: Sequence[tuple[dt.date, dt.date]]


def next_window(
    horizon: BillingHorizon, *, as_of: dt.date, after: dt.date | None = None
) -> Window | NotDue:
    """The first window that is not billed and has ended by ``as_of``, or why there is none.

    ``after`` stands for a later ``billed_through``: the window that follows one not billed yet.
    """
    start = horizon.contract_start
    through = after or horizon.billed_through
    if through is not None and through > start:
        start = through
    last = horizon.contract_end
    if last is not None and start >= last:
        return NotDue.BILLED_TO_THE_END
    read = _read_end(horizon, start)
    if last is not None and (read is None or last <= read):
        return Window(start, last, is_final=True) if last <= as_of else NotDue.NOT_READ_YET
    if read is None:
        late = (as_of - start).days > CALENDAR_GAP_DAYS_MAX
        return NotDue.NO_READ_CALENDAR if late else NotDue.NOT_READ_YET
    if read > as_of:
        return NotDue.NOT_READ_YET
    return Window(start, read, is_final=False)


def _read_end(horizon: BillingHorizon, start: dt.date) -> dt.date | None:
    for begin, end in horizon.usage_periods:
        if begin <= start < end:
            return end
    earliest = start
    if start > horizon.contract_start:
        earliest = start + dt.timedelta(days=CYCLE_DAYS_MIN)
    position = bisect_right(horizon.read_dates, earliest)
    return horizon.read_dates[position] if position < len(horizon.read_dates) else None
