"""Rules of service orders: what is checked before one leaves, priorities, weather, reconnects.

Parameters stand in ``data/service_orders.yaml``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.domain.clocks import Calendar, Unit, due_at
from ossrep.market.domain.timing import get_limit, get_timing

FREEZING_F = 32
_FRIDAY = 4
_DAY = dt.timedelta(days=1)
_FILE = Path(__file__).parent.parent / "data" / "service_orders.yaml"


class UnknownServiceOrderCode(DomainError):
    """The table of service orders lacks a purpose, an action or a TDSP."""

    code = "unknown_service_order_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class TdspParameters:
    """How one TDSP works service orders; ``priorities`` by name (``standard``, ``prepay``)."""

    tdsp_code: str
    priorities: Mapping[str, str]
    friday_flag: str
    rnp_before_dnp: str
    standard_switch_energizes: bool
    moratorium_by: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectFacts:
    """What is known when a disconnect is wanted; texts are empty where there is nothing.

    ``pending_*`` and ``gained_in_error`` name the order that stands in the way, ``moratorium``
    the area; ``loss_date`` is the day another retailer takes over.
    """

    tdsp_code: str
    wanted_date: dt.date
    today: dt.date
    is_rep_of_record: bool = True
    pending_disconnect: str = ""
    pending_move_out: str = ""
    gained_in_error: str = ""
    suspended: str = ""
    loss_date: dt.date | None = None
    is_critical_care: bool = False
    moratorium: str = ""
    moratorium_until: dt.date | None = None
    now: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnRefusal:
    """Why we do not send it: a code of our own and a sentence."""

    code: str
    text: str


def check_disconnect(*, facts: DisconnectFacts, calendar: Calendar) -> list[OwnRefusal]:
    """All that forbids a disconnect (RMG 7.6.3.2); empty where it may leave."""
    wanted = facts.wanted_date
    values = {"wanted": str(wanted), "tdsp": facts.tdsp_code}
    found: list[OwnRefusal] = []

    def refuse(code: str, **more: object) -> None:
        text = Template(_data()["own_checks"][code]["text"])
        told = {name: str(value) for name, value in more.items()}
        found.append(OwnRefusal(code, text.safe_substitute(values | told)))

    if facts.tdsp_code not in _data()["tdsps"]:
        refuse("own-unknown-tdsp")
    if wanted < facts.today:
        refuse("own-backdated")
    until = disconnect_cutoff(tdsp_code=facts.tdsp_code, date=wanted, calendar=calendar)
    if until is not None and facts.now is not None and until < facts.now and wanted >= facts.today:
        later = next_day_for_disconnects(date=wanted + _DAY, calendar=calendar)
        refuse("own-past-cutoff", until=f"{until.astimezone(MARKET_ZONE):%H:%M}", date=later)
    if not facts.is_rep_of_record:
        refuse("own-not-rep-of-record")
    if facts.pending_disconnect:
        refuse("own-pending-disconnect", order=facts.pending_disconnect)
    if facts.pending_move_out:
        refuse("own-pending-move-out", order=facts.pending_move_out)
    if facts.gained_in_error:
        refuse("own-inadvertent-gain", order=facts.gained_in_error)
    if facts.suspended:
        refuse("own-suspended", order=facts.suspended)
    if facts.loss_date is not None and wanted >= facts.loss_date:
        refuse("own-competing-order", date=facts.loss_date)
    if facts.is_critical_care:
        refuse("own-critical-care")
    if facts.moratorium:
        refuse("own-moratorium", area=facts.moratorium, date=facts.moratorium_until)
    if not is_day_for_disconnects(date=wanted, calendar=calendar):
        refuse("own-day-off", date=next_day_for_disconnects(date=wanted, calendar=calendar))
    return found


def disconnect_cutoff(*, tdsp_code: str, date: dt.date, calendar: Calendar) -> dt.datetime | None:
    """The last moment at which a TDSP takes a disconnect for a day.

    None where no source that we trust gives one: then the TDSP works it when it can.
    """
    key = _data()["dnp_cutoffs"].get(tdsp_code)
    row = get_timing(key=key) if key else None
    if row is None or row.confidence != "sourced" or row.hop.limit.by is None:
        return None
    days = int(row.hop.limit.value or 0)
    is_business = row.hop.limit.unit is not Unit.CALENDAR_DAYS
    last = calendar.add_business_days(date, days) if is_business else date + days * _DAY
    return dt.datetime.combine(last, row.hop.limit.by, MARKET_ZONE)


def is_day_for_disconnects(*, date: dt.date, calendar: Calendar) -> bool:
    """False on a day off, and on the day before one unless our staff works on days off."""
    if not calendar.is_business_day(date):
        return False
    days_off = _days_off_after(date, calendar)
    if any(day.weekday() <= _FRIDAY for day in days_off):
        return False  # the Retail Business Day before a holiday: never (RMG 7.6.2.1)
    return bool(_data()["staffed_on_days_off"]) or not days_off


def next_day_for_disconnects(*, date: dt.date, calendar: Calendar) -> dt.date:
    """The first day from ``date`` on that is one for disconnects."""
    while not is_day_for_disconnects(date=date, calendar=calendar):
        date = calendar.next_business_day(date + _DAY)
    return date


def is_extreme_weather(
    *,
    date: dt.date,
    highs_f: Mapping[dt.date, int],
    heat_advisories: Collection[dt.date],
) -> bool:
    """Whether a county has an extreme weather emergency (16 TAC §25.483(j); RMG 7.6.5.4).

    Cold: yesterday's high and today's forecast high are 32 °F or less. Heat: an advisory today
    or on either of the two days before. A missing high counts as warm.
    """
    cold = all(highs_f.get(day, FREEZING_F + 1) <= FREEZING_F for day in (date - _DAY, date))
    return cold or any(date - n * _DAY in heat_advisories for n in range(3))


def get_parameters(*, tdsp_code: str) -> TdspParameters:
    """How a TDSP works service orders. Raises UnknownServiceOrderCode."""
    row = _data()["tdsps"].get(tdsp_code)
    if row is None:
        raise UnknownServiceOrderCode(
            f"no parameters for TDSP {tdsp_code}", where="service_orders.yaml"
        )
    return TdspParameters(
        tdsp_code=tdsp_code,
        priorities=row["priorities"],
        friday_flag=row["friday_flag"],
        rnp_before_dnp=row["rnp_before_dnp"],
        standard_switch_energizes=row["standard_switch_energizes"],
        moratorium_by=row["moratorium_by"],
        confidence=row["confidence"],
        source=row["source"],
    )


def choose_priority(*, tdsp_code: str, wish: str) -> str:
    """The TDSP's own code for ``standard``, ``same_day``, ``weekend``, ``holiday``, ``prepay``.

    Where it has none the standard one: a code that a TDSP does not know is worked as standard
    anyway (RMG 7.6.3.7(3)). Raises UnknownServiceOrderCode.
    """
    priorities = get_parameters(tdsp_code=tdsp_code).priorities
    return priorities.get(wish, priorities["standard"])


def reconnect_leaves_by(*, paid_at: dt.datetime, calendar: Calendar) -> dt.datetime:
    """When the reconnect has to be on its way after a payment (RMG 7.6.4.1)."""
    local = paid_at.astimezone(MARKET_ZONE)
    table = _data()["reconnect_leaves"]
    key = table["day_off"]["limit"]
    if calendar.is_business_day(local.date()):
        clock = f"{local:%H:%M}"
        key = next(row["limit"] for row in table["business_day"] if clock < row["before"])
    due = due_at(start=paid_at, limit=get_limit(key=key), calendar=calendar)
    assert due is not None
    return due


def get_code(*, table: str, name: str) -> Mapping[str, Any]:
    """A row of ``purposes``, ``actions``. Raises UnknownServiceOrderCode."""
    row: Mapping[str, Any] | None = _data()[table].get(name)
    if row is None:
        raise UnknownServiceOrderCode(f"no {name} in {table}", where="service_orders.yaml")
    return row


def says_of_answer(*, action: str, is_unexecutable: bool) -> str:
    """What a 650_02 says (``complete``, ``reject``, ...); empty where no table knows its code."""
    if is_unexecutable:
        return "unexecutable"
    row = _data()["answers"].get(action)
    return str(row["says"]) if row else ""


def says_of_notice(*, action: str, category: str) -> str:
    """What a 650_04 says; empty where it has a code that no table knows."""
    notices = _data()["notices"]
    for code in (action, category):
        if code in notices:
            return str(notices[code]["says"])
    return "" if action else str(notices["planned"]["says"])


def get_setting(*, name: str) -> Any:
    """A plain value of the file, such as ``friday_authorization``."""
    return _data()[name]


def _days_off_after(date: dt.date, calendar: Calendar) -> list[dt.date]:
    next_day = calendar.add_business_days(date, 1)
    return [date + n * _DAY for n in range(1, (next_day - date).days)]


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data
