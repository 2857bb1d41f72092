"""Dates, times and identifiers as interval files write them; each text is read once."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from ossrep.kernel.market_time import MARKET_ZONE, intervals_in_day
from ossrep.meter.domain.interval_days import day_start_us

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_SECOND_US = 1_000_000
ESI_ID_LENGTHS = (17, 22)


class NotReadable(ValueError):
    """A field that does not hold what its place asks for; ``reason`` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def shown(text: bytes) -> str:
    """A field as a message prints it: quoted, short, ASCII."""
    return repr(text[:40].decode("ascii", "backslashreplace"))


@lru_cache(maxsize=8192)
def slashed_date(text: bytes) -> dt.date:
    """``MM/DD/YYYY``, zeros in front optional."""
    found = _SLASHED.fullmatch(text.decode("ascii", "replace"))
    try:
        if found is None:
            raise ValueError
        return dt.date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        raise NotReadable("bad_date", f"{shown(text)} is not a date MM/DD/YYYY") from None


@lru_cache(maxsize=8192)
def iso_date(text: bytes) -> dt.date:
    """``YYYY-MM-DD``."""
    try:
        if len(text) != 10:
            raise ValueError
        return dt.date.fromisoformat(text.decode("ascii", "replace"))
    except ValueError:
        raise NotReadable("bad_date", f"{shown(text)} is not a date YYYY-MM-DD") from None


@lru_cache(maxsize=8192)
def compact_date(text: bytes) -> dt.date:
    """``YYYYMMDD``."""
    try:
        if len(text) != 8 or not text.isdigit():
            raise ValueError
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise NotReadable("bad_date", f"{shown(text)} is not a date YYYYMMDD") from None


def slashed_time_us(text: bytes) -> int:
    """Microseconds from 1970 UTC of a local ``MM/DD/YYYY HH:MM[:SS]``."""
    if len(text) == 19 and text[10:17:3] == b" ::":
        hour, minute, second = text[11:13], text[14:16], text[17:]
        if (hour + minute + second).isdigit():
            return _local_us(slashed_date(text[:10]), int(hour), int(minute), int(second), text)
    day, _, clock = text.partition(b" ")
    found = _CLOCK.fullmatch(clock.decode("ascii", "replace"))
    if found is None:
        raise NotReadable("bad_source_time", f"{shown(text)} is not a time MM/DD/YYYY HH:MM[:SS]")
    return _local_us(slashed_date(day), int(found[1]), int(found[2]), int(found[3] or 0), text)


def stamp_us(text: bytes) -> int:
    """Microseconds from 1970 UTC of a local ``YYYYMMDDHHMMSS``."""
    if len(text) != 14 or not text.isdigit():
        raise NotReadable("bad_source_time", f"{shown(text)} is not a time YYYYMMDDHHMMSS")
    return _local_us(
        compact_date(text[:8]), int(text[8:10]), int(text[10:12]), int(text[12:]), text
    )


@lru_cache(maxsize=8192)
def iso_time_us(text: bytes) -> int:
    """Microseconds from 1970 UTC of an ISO 8601 time with an offset or ``Z``."""
    try:
        instant = dt.datetime.fromisoformat(text.decode("ascii", "replace"))
    except ValueError:
        raise NotReadable("bad_source_time", f"{shown(text)} is not an ISO 8601 time") from None
    if instant.tzinfo is None:
        raise NotReadable("bad_source_time", f"{shown(text)} lacks its offset from UTC, or Z")
    return _micros(instant)


def _local_us(date: dt.date, hour: int, minute: int, second: int, text: bytes) -> int:
    if hour > 23 or minute > 59 or second > 59:
        raise NotReadable("bad_source_time", f"{shown(text)} is no time of a day")
    midnight_us, is_plain = _midnight(date)
    if is_plain:
        return midnight_us + (hour * 3600 + minute * 60 + second) * _SECOND_US
    # On a day of a clock change; of the hour that comes twice, the first pass is taken.
    clock = dt.time(hour, minute, second)
    return _micros(dt.datetime.combine(date, clock, MARKET_ZONE))


@lru_cache(maxsize=8192)
def _midnight(date: dt.date) -> tuple[int, bool]:
    return day_start_us(date), intervals_in_day(date) == 96


def _micros(instant: dt.datetime) -> int:
    whole = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return (instant - whole) // dt.timedelta(microseconds=1)


def esi_id(text: bytes) -> bytes:
    """An ESI ID of 17 or 22 digits."""
    # Digits of bytes are ASCII digits only; this is kernel's rule without decoding each one.
    if len(text) in ESI_ID_LENGTHS and text.isdigit():
        return text
    raise NotReadable("malformed_esi_id", f"{shown(text)} is not an ESI ID of 17 or 22 digits")
