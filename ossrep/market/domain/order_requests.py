"""What is checked before anything is asked of the market."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.domain.timing import get_timing
from ossrep.market.edi.texas_set.text import to_market_text

_FILE = Path(__file__).parent.parent / "data" / "esi_ids.yaml"
_PREFIX_DIGITS = 7
NAME_CHARS_MAX = 60
PHONE_DIGITS_MAX = 16
_ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?")


class RequestRefused(DomainError):
    """A request that the market would refuse, or must not be sent; ``where`` names the field."""

    code = "request_refused"


@dataclass(frozen=True, slots=True)
class ServicePointId:
    """A checked ESI ID and the TDSP that its prefix names; ``doubt`` says what is unusual."""

    esi_id: str
    tdsp_code: str
    doubt: str = ""


def check_esi_id(text: str, *, tdsp_code: str = "") -> ServicePointId:
    """Digits only, 8 to 36, beginning with a known TDSP's prefix (reference 1.3).

    ``tdsp_code``, where given, must be the prefix's; it stands in for an unknown prefix. Raises
    RequestRefused.
    """
    rules = _esi_ids()
    esi_id = text.strip()
    low, high = int(rules["digits_min"]), int(rules["digits_max"])
    if not (esi_id.isascii() and esi_id.isdigit() and low <= len(esi_id) <= high):
        raise RequestRefused(f"{text!r} is not {low} to {high} digits", where="esi_id")
    row = rules["prefixes"].get(esi_id[:_PREFIX_DIGITS])
    if row is None:
        if not tdsp_code:
            raise RequestRefused(
                f"no TDSP is known for an ESI ID that begins {esi_id[:_PREFIX_DIGITS]}: name it",
                where="esi_id",
            )
        return ServicePointId(esi_id, tdsp_code, "its prefix belongs to no known TDSP")
    if tdsp_code and tdsp_code != row["tdsp"]:
        raise RequestRefused(
            f"{esi_id} belongs to {row['tdsp']} by its prefix, not to {tdsp_code}", where="esi_id"
        )
    usual = [int(digits) for digits in row["digits"]]
    if usual and len(esi_id) not in usual:
        raise RequestRefused(
            f"{esi_id} has {len(esi_id)} digits; {row['tdsp']} uses {usual[0]}", where="esi_id"
        )
    return ServicePointId(esi_id, row["tdsp"])


def check_zip(text: str) -> str:
    """Five digits, or nine of which the first five are taken. Raises RequestRefused."""
    if not _ZIP.fullmatch(text.strip()):
        raise RequestRefused(f"{text!r} is not a ZIP code of five digits", where="zip_code")
    return text.strip()[:5]


def check_name(text: str, *, where: str) -> str:
    """A name as the market takes it: at most 60 characters, some of them letters or digits.

    Longer ones are cut, as the market's translators do; one of punctuation only is refused
    (change control 836). Raises RequestRefused.
    """
    name = to_market_text(text, longest=NAME_CHARS_MAX)
    if not name:
        raise RequestRefused(f"{text!r} holds nothing that the market can take", where=where)
    return name


def check_phone(text: str) -> str:
    """Digits only, at most 16; empty where there is none. Raises RequestRefused."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if len(digits) > PHONE_DIGITS_MAX:
        raise RequestRefused(f"{text!r} has more than {PHONE_DIGITS_MAX} digits", where="phone")
    return digits


def check_switch_date(date: dt.date | None, *, now: dt.datetime) -> None:
    """At most 90 days ahead, never in the past (T2, RMG 11.2.5.7). Raises RequestRefused."""
    if date is None:
        return
    today = market_date(now)
    if date < today:
        raise RequestRefused(f"a switch is never backdated ({date})", where="requested_date")
    _check_latest(date, today, "814_01.date_latest")


def check_move_in_date(
    date: dt.date, *, now: dt.datetime, order_type: str, is_agreed: bool
) -> None:
    """At most 90 days ahead; backdated only for what repairs something (T2, RMG 7.3.4.1).

    ``order_type`` ``IA`` or ``CR``: 150 days back; ``is_agreed`` (a safety-net move-in):
    270 days. Raises RequestRefused.
    """
    today = market_date(now)
    _check_latest(date, today, "814_16.date_latest")
    if date >= today:
        return
    if order_type:
        _check_earliest(date, today, "814_16.backdated_move_in_with_ia_or_cr")
    elif is_agreed:
        _check_earliest(date, today, "814_16.date_earliest")
    else:
        raise RequestRefused(
            f"a move-in of the past ({date}) is refused (DIP) unless it returns an inadvertent "
            "gain (IA), a rescission (CR) or follows a safety-net move-in",
            where="requested_date",
        )


def check_move_out_date(date: dt.date, *, now: dt.datetime, is_agreed: bool) -> None:
    """At most 90 days ahead; backdated only where the TDSP agreed (RMG 11.3.8), 270 days.

    Raises RequestRefused.
    """
    today = market_date(now)
    _check_latest(date, today, "814_24.date_latest")
    if date < today and not is_agreed:
        raise RequestRefused(
            f"the TDSP refuses a move-out of the past ({date}) that it has not agreed to",
            where="requested_date",
        )
    _check_earliest(date, today, "814_24.date_earliest")


def check_changed_date(date: dt.date, *, now: dt.datetime) -> None:
    """Not in the past (RMG 11.2.5.7(1)(c)), at most 90 days ahead. Raises RequestRefused."""
    today = market_date(now)
    if date < today:
        raise RequestRefused(f"ERCOT refuses a change to the past ({date})", where="date")
    _check_latest(date, today, "814_16.date_latest")


def check_not_too_late(*, scheduled_date: dt.date | None, now: dt.datetime, kind: str) -> None:
    """ERCOT takes a cancel or date change until the day before (T9, RMG 11.2.1.2).

    ``kind``: ``814_08`` or ``814_12``. Raises RequestRefused.
    """
    if scheduled_date is None:
        return
    days = _days(f"{kind}.sent_by_cr")
    last = scheduled_date + dt.timedelta(days=days)
    if market_date(now) > last:
        raise RequestRefused(
            f"ERCOT took an {kind} until {last}, the day before the scheduled {scheduled_date}; "
            "now only MarkeTrak is left",
            where="scheduled_date",
        )


def market_date(now: dt.datetime) -> dt.date:
    """The market's local date of an instant."""
    return now.astimezone(MARKET_ZONE).date()


def next_counter(*, now: dt.datetime, last: str) -> str:
    """An iteration counter above the last one: local time to the minute (RMG 11.2.5.5).

    In the hour that fall repeats, or within one minute, it goes on from the last one.
    """
    counter = f"{now.astimezone(MARKET_ZONE):%Y%m%d%H%M}"
    if counter > last:
        return counter
    later = dt.datetime.strptime(last, "%Y%m%d%H%M") + dt.timedelta(minutes=1)  # noqa: DTZ007
    return f"{later:%Y%m%d%H%M}"


def _check_latest(date: dt.date, today: dt.date, key: str) -> None:
    days = _days(key)
    if (date - today).days > days:
        raise RequestRefused(
            f"{date} is more than {days} days ahead of {today}", where="requested_date"
        )


def _check_earliest(date: dt.date, today: dt.date, key: str) -> None:
    days = _days(key)
    if (date - today).days < days:
        raise RequestRefused(
            f"{date} is more than {-days} days before {today}", where="requested_date"
        )


def _days(key: str) -> int:
    value = get_timing(key=key).hop.limit.value
    assert value is not None, f"{key} has no days"
    return int(value)


@cache
def _esi_ids() -> Mapping[str, Any]:
    # BaseLoader leaves every value as text: a prefix is no number.
    rules: Mapping[str, Any] = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return rules
