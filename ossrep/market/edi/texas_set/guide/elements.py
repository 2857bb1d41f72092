"""How the text of one element becomes a value, and back.

A format reads with ``ValueError`` carrying what was expected; the caller knows the place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ossrep.market.edi.texas_set.model import Moment

Value = object

_DATE = re.compile(r"[0-9]{8}")
_TIME = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{8}")
_DECIMAL = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")
_INTEGER = re.compile(r"-?[0-9]+")
_PLAIN_TIME = re.compile(r"[0-9]{4}")
_PLAIN_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_PLAIN_IMPLIED = re.compile(r"0|-?[1-9][0-9]{0,12}")
_PLAIN_FLAG = re.compile(r"[YN]")
_NEVER_PLAIN = re.compile(r"(?!)")
_IMPLIED_PLAIN_MAX = 4
_DIGITS_MAX = 18
_HUNDREDTH_MICROSECONDS = 10_000


@dataclass(frozen=True, slots=True)
class Format:
    """Reads ``span`` elements and writes as many; ``blank`` is the value of empty ones.

    ``plain`` knows the texts that are written just as they were read (it may miss some, never
    take one too many); without it all that can be read are such.
    """

    name: str
    read: Callable[[str], Value]
    write: Callable[[Value], str]
    blank: Value
    span: int = 1
    plain: Callable[[str], object] | None = None


def _read_text(raw: str) -> str:
    return raw


@lru_cache(maxsize=4096)
def read_date(raw: str) -> dt.date:
    """``20260218``."""
    if not _DATE.fullmatch(raw):
        raise ValueError("a date as CCYYMMDD")
    try:
        return dt.date(int(raw[:4]), int(raw[4:6]), int(raw[6:]))
    except ValueError:
        raise ValueError("a date of the calendar as CCYYMMDD") from None


@lru_cache(maxsize=4096)
def write_date(value: dt.date) -> str:
    """``20260218``."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def read_time(raw: str) -> dt.time:
    """``0919``, ``091930`` or ``09193050`` with hundredths."""
    if not _TIME.fullmatch(raw):
        raise ValueError("a time as HHMM, HHMMSS or HHMMSSDD")
    second, hundredth = raw[4:6] or "0", raw[6:] or "0"
    try:
        return dt.time(
            int(raw[:2]), int(raw[2:4]), int(second), int(hundredth) * _HUNDREDTH_MICROSECONDS
        )
    except ValueError:
        raise ValueError("a time of the day as HHMM, HHMMSS or HHMMSSDD") from None


def write_time(value: dt.time) -> str:
    """The shortest of the forms that ``read_time`` takes."""
    if value.microsecond % _HUNDREDTH_MICROSECONDS:
        raise ValueError("a time in whole hundredths of a second")
    if value.microsecond:
        hundredth = value.microsecond // _HUNDREDTH_MICROSECONDS
        return f"{value.hour:02d}{value.minute:02d}{value.second:02d}{hundredth:02d}"
    if value.second:
        return f"{value.hour:02d}{value.minute:02d}{value.second:02d}"
    return f"{value.hour:02d}{value.minute:02d}"


def read_moment(date: str, time: str) -> Moment:
    """Two elements, date and time; ``2400`` is 00:00 of the next day."""
    day = read_date(date)
    if not time:
        return Moment(day)
    if time in ("2400", "240000", "24000000"):
        if day == dt.date.max:
            raise ValueError("a moment before the end of the calendar")
        return Moment(day + dt.timedelta(days=1), dt.time())
    return Moment(day, read_time(time))


def write_moment(value: Moment) -> tuple[str, str]:
    """Date and time; the time is empty where there is none."""
    return write_date(value.date), "" if value.time is None else write_time(value.time)


def _read_integer(raw: str) -> int:
    if not _INTEGER.fullmatch(raw) or len(raw) > _DIGITS_MAX:
        raise ValueError("a whole number")
    return int(raw)


def _read_decimal(raw: str) -> Decimal:
    if not _DECIMAL.fullmatch(raw) or len(raw) > _DIGITS_MAX:
        raise ValueError("a decimal number")
    return Decimal(raw)


def _write_decimal(value: Value) -> str:
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > 18:
        raise ValueError("a finite decimal number")
    return _of_length(format(value, "f"))


def _write_integer(value: Value) -> str:
    return _of_length(str(value))


def _of_length(digits: str) -> str:
    if len(digits) > _DIGITS_MAX:
        raise ValueError(f"a number of at most {_DIGITS_MAX} characters")
    return digits


def implied(decimals: int) -> Format:
    """A number whose last ``decimals`` digits stand behind an unwritten point (X12 type N2)."""

    def read(raw: str) -> Decimal:
        return Decimal(_read_integer(raw)).scaleb(-decimals)

    def write(value: Value) -> str:
        _write_decimal(value)
        assert isinstance(value, Decimal)
        scaled = value.scaleb(decimals)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"a number with at most {decimals} decimals")
        return _of_length(str(int(scaled)))

    plain = _PLAIN_IMPLIED if decimals <= _IMPLIED_PLAIN_MAX else _NEVER_PLAIN
    name = f"number with {decimals} implied decimals"
    return Format(name, read, write, None, plain=plain.fullmatch)


def _read_flag(raw: str) -> bool | None:
    """Anything but Y and N is no flag; it is kept as a stray element."""
    return {"Y": True, "N": False}.get(raw)


def _write_flag(value: Value) -> str:
    return "Y" if value else "N"


def _write_date(value: Value) -> str:
    assert isinstance(value, dt.date)
    return write_date(value)


def _write_time(value: Value) -> str:
    assert isinstance(value, dt.time)
    return write_time(value)


TEXT = Format("text", _read_text, str, "")
FORMATS: Mapping[type, Format] = {
    str: TEXT,
    dt.date: Format("date", read_date, _write_date, None),
    dt.time: Format("time", read_time, _write_time, None, plain=_PLAIN_TIME.fullmatch),
    Decimal: Format("decimal", _read_decimal, _write_decimal, None, plain=_PLAIN_DECIMAL.fullmatch),
    int: Format("integer", _read_integer, _write_integer, None, plain=_PLAIN_INTEGER.fullmatch),
    bool: Format("flag", _read_flag, _write_flag, None, plain=_PLAIN_FLAG.fullmatch),
    Moment: Format("date and time", read_date, str, None, span=2),
}
