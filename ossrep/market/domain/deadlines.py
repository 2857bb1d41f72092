"""When a person is warned of an answer that has not come, and what is then said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Template

import yaml

from ossrep.kernel.market_time import MARKET_ZONE

_FILE = Path(__file__).parent.parent / "data" / "chasing.yaml"
_WARNED_BEFORE_MIN = dt.timedelta(minutes=15)
_DAY = dt.timedelta(days=1)


class Standing(StrEnum):
    """How an open deadline stands."""

    IN_TIME = "in_time"
    NEARLY_LATE = "nearly_late"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """What to do about an answer that is late: title, text, and what to send by which way.

    Texts are templates (``$esi_id``, ``$reference``, ``$due``, ...). ``usd_per_day`` is what each
    day of waiting puts at risk, where the operator has set it.
    """

    title: str
    text: str
    send_via: str
    text_to_send: str
    usd_per_day: Decimal | None
    confidence: str
    source: str
    warns: bool = True
    """Whether a person is told before it is late, too."""


def nearly_at(*, started_at: dt.datetime, due_at: dt.datetime) -> dt.datetime:
    """When an answer is nearly late: three quarters of its time are over.

    At least a quarter of an hour before it is due, and never before it was asked for.
    """
    lead = max((due_at - started_at) / 4, _WARNED_BEFORE_MIN)
    return max(started_at, due_at - lead).replace(microsecond=0)


def standing(*, nearly_at: dt.datetime, due_at: dt.datetime, as_of: dt.datetime) -> Standing:
    """An answer at the very instant it is due is in time; a minute later it is late."""
    if as_of > due_at:
        return Standing.LATE
    return Standing.NEARLY_LATE if as_of >= nearly_at else Standing.IN_TIME


def money_at_risk(
    *,
    amount_usd: Decimal | None,
    usd_per_day: Decimal | None,
    due_at: dt.datetime,
    as_of: dt.datetime,
) -> Decimal | None:
    """The amount that hangs on the answer and what each day begun after ``due_at`` adds.

    None where neither is known.
    """
    if usd_per_day is None:
        return amount_usd
    days_begun = -((due_at - as_of) // _DAY) if as_of > due_at else 0
    return (amount_usd or Decimal(0)) + usd_per_day * days_begun


def local_text(at: dt.datetime) -> str:
    """``Thu 4 Jun 2026 09:00`` in the market's local time."""
    local = at.astimezone(MARKET_ZONE)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The text with its values; a name that is not known stays as it is."""
    return Template(template).safe_substitute(values).strip()


def find_chase(*, expects: str) -> Chase:
    """What to do about a missing answer of that kind; the general entry where none is its own."""
    chases = _chases()
    return chases.get(expects) or chases.get(expects.split(" ")[0]) or chases["*"]


@cache
def _chases() -> Mapping[str, Chase]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    general = data["answers"]["*"]
    return {
        expects: Chase(
            title=entry.get("title", general["title"]),
            text=entry.get("text", general["text"]),
            send_via=entry.get("send_via", general["send_via"]),
            text_to_send=entry.get("text_to_send", general["text_to_send"]),
            usd_per_day=None if (usd := entry.get("usd_per_day")) is None else Decimal(str(usd)),
            confidence=entry["confidence"],
            source=entry["source"],
            warns=entry.get("warns", True),
        )
        for expects, entry in data["answers"].items()
    }
