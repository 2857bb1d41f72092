"""What a TDSP's daily switch-hold list says (RMG 9 appendix J1)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import local_midnight

ESI_ID_CHARS_MAX = 36
"""The layout allows 64; no ESI ID that the market gives out is longer than this."""

_NAME = re.compile(r"([0-9]{9}|[0-9]{13})SWITCHHOLD([0-9]{8})\.txt(?:\.gz)?", re.IGNORECASE)
_ESI_ID = re.compile(rf"[0-9A-Z]{{1,{ESI_ID_CHARS_MAX}}}")


class HoldRowRefused(DomainError):
    """A row of a list that cannot be taken."""

    code = "hold_row_refused"


class HoldListNameRefused(DomainError):
    """A file whose name does not say whose list it is and of which day."""

    code = "hold_list_name_refused"


@dataclass(frozen=True, slots=True)
class HoldListName:
    """The TDSP's DUNS number and the local date of the list, as its name tells them."""

    duns: str
    list_date: dt.date


@dataclass(frozen=True, slots=True)
class HeldPoint:
    """One ESI ID on hold since a local date; the list does not say which kind of hold."""

    esi_id: str
    since: dt.date


def parse_hold_list_name(name: str) -> HoldListName:
    """``<TDSPDUNS>SWITCHHOLD<MMDDYYYY>.txt``; raises HoldListNameRefused."""
    found = _NAME.fullmatch(name)
    try:
        if found is not None:
            date = dt.date.fromisoformat(f"{found[2][4:]}{found[2][:4]}")
            return HoldListName(found[1], date)
    except ValueError:
        pass
    raise HoldListNameRefused(
        "the name must be like 999999999SWITCHHOLD07022010.txt (DUNS number, MMDDYYYY)"
    )


def parse_hold_row(line: str, *, list_date: dt.date) -> HeldPoint:
    """``ESI ID,YYYYMMDD``; raises HoldRowRefused."""
    fields = [field.strip() for field in line.split(",")]
    if len(fields) != 2:
        raise HoldRowRefused(f"has {len(fields)} fields instead of 2 (ESI ID, start date)")
    esi_id, date_text = fields
    if not _ESI_ID.fullmatch(esi_id):
        raise HoldRowRefused(
            f"the ESI ID must be 1 to {ESI_ID_CHARS_MAX} digits or letters, not {esi_id[:80]!r}"
        )
    since = _date(date_text)
    if since > list_date:
        raise HoldRowRefused(f"the hold begins on {since}, after the list of {list_date}")
    return HeldPoint(esi_id, since)


def hold_list_instant(*, list_date: dt.date, ordinal: int) -> dt.datetime:
    """From when on a list's words hold, aware UTC.

    The list of a day has the changes of the Business Day before (RMG 7.16.3), so it speaks of the
    beginning of its own day: what a message says later that day is newer. Of several lists of
    one day each is a second later than the one before.
    """
    return local_midnight(list_date) + dt.timedelta(seconds=ordinal)


def _date(text: str) -> dt.date:
    try:
        if re.fullmatch(r"[12][0-9]{7}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise HoldRowRefused(f"the start date must be like 20260302, not {text[:80]!r}")
