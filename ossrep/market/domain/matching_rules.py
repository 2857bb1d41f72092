"""What is owed around usage and invoices, and by when (``data/matching.yaml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.domain.clocks import (
    BUSINESS_CLOSES,
    Calendar,
    Calendars,
    Clock,
    Hop,
    Limit,
    Unit,
    chain_due_at,
)
from ossrep.market.domain.timing import get_hops

_FILE = Path(__file__).parent.parent / "data" / "matching.yaml"
_DAY = dt.timedelta(days=1)


@cache
def load_matching_rules() -> Mapping[str, Any]:
    """The table as it stands."""
    rules: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return rules


def expected_kinds() -> Sequence[str]:
    """What each scheduled read brings: ``867_03``, ``810_02``."""
    return list(load_matching_rules()["expected"])


def document_due_at(
    *, kind: str, read_date: dt.date, calendars: Calendars, tdsp_code: str
) -> dt.datetime:
    """By when the document of a scheduled read is here; Day 0 is the day of the read."""
    row = load_matching_rules()["expected"][kind]
    hops = get_hops(keys=row["hops"]) if "hops" in row else (_hop(row["limit"]),)
    noon = dt.datetime.combine(read_date, dt.time(12), MARKET_ZONE)
    due = chain_due_at(start=noon, hops=hops, calendars=calendars, tdsp_code=tdsp_code)
    assert due is not None, "both have a limit"
    return due


def waiting_until(*, parked_at: dt.datetime, calendars: Calendars) -> dt.datetime:
    """How long a correction waits before a person is told."""
    hop = _hop(load_matching_rules()["waiting"])
    due = chain_due_at(start=parked_at, hops=[hop], calendars=calendars)
    assert due is not None, "nothing waits for ever"
    return due


def dates_refused_at(*, received_at: dt.datetime, calendars: Calendars) -> dt.datetime:
    """When an invoice whose dates are not its usage's is refused, if nobody has mended it."""
    hop = _hop(load_matching_rules()["dates_refused_after"])
    due = chain_due_at(start=received_at, hops=[hop], calendars=calendars)
    assert due is not None, "it has a limit"
    return due


def longest_usage() -> tuple[int, str]:
    """How many days usage may span, and the code of the 824 for what is longer."""
    row = load_matching_rules()["usage_days_max"]
    return int(row["value"]), str(row["code"])


def payment_due_date(*, transmitted_at: dt.datetime, calendar: Calendar) -> dt.date:
    """35 calendar days after transmittal; on a day that is none, the next Business Day.

    What is sent after 17:00 Central counts as sent on the next Business Day.
    """
    local = transmitted_at.astimezone(MARKET_ZONE)
    sent_on = local.date()
    if local.time() > BUSINESS_CLOSES:
        sent_on = calendar.next_business_day(sent_on + _DAY)
    days = int(load_matching_rules()["payment"]["days"]["value"])
    return calendar.next_business_day(sent_on + days * _DAY)


def approval_from_usd() -> Decimal:
    """From which total on, of either sign, a second person approves a payment."""
    return Decimal(load_matching_rules()["payment"]["approval_from_usd"]["value"])


def read_tolerance() -> dt.timedelta:
    """How far a period's end may be from the calendar's date."""
    return int(load_matching_rules()["read_tolerance_days"]["value"]) * _DAY


def looked_back() -> dt.timedelta:
    """How far back scheduled reads are looked at."""
    return int(load_matching_rules()["looked_back_days"]["value"]) * _DAY


def _hop(row: Mapping[str, Any]) -> Hop:
    limit = Limit(clock=Clock(row["clock"]), unit=Unit(row["unit"]), value=Fraction(row["value"]))
    return Hop(limit, row.get("calendar", "ERCOT"))


def tariff_rate_class(*, tdsp_code: str, rate_class: str) -> str:
    """What a rate class as sent (REF NH) is called in our tariffs."""
    tables: Mapping[str, Mapping[str, Any]] = load_matching_rules()["audit"]["rate_classes"]
    for table in (tables.get(tdsp_code, {}), tables.get("*", {})):
        if rate_class in table:
            return str(table[rate_class]["name"])
    return rate_class.lower()


def audit_total_codes() -> Sequence[str]:
    """Tariff rows that are sums of many charges."""
    return list(load_matching_rules()["audit"]["total_codes"])


def families_not_in_tariff() -> Sequence[str]:
    """First letters of charges that no tariff row foresees."""
    return list(load_matching_rules()["audit"]["not_in_tariff"])
