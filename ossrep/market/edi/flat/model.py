"""What a flattened file consists of, and how its values are written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.model import Moment, Transaction

_DECIMAL = re.compile(r"-?(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})", re.ASCII)
_COMPACT = re.compile(r"([0-9]{8})([0-9]{4})?(?:[0-9]{2})?", re.ASCII)
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_CLOCK = re.compile(r"([0-9]{2}):?([0-9]{2})(?::?[0-9]{2})?", re.ASCII)
_INTEGER = re.compile(r"[0-9]{1,9}", re.ASCII)
_MIDNIGHT = "2400"


@dataclass(frozen=True, slots=True)
class Unread:
    """A field that carries something no layout table knows: kept and shown."""

    line: int
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatDocument:
    """One business document of a file: its lines as they came, and what they mean.

    ``line`` is that of the first of ``lines``, from 1. A document with ``faults`` has no
    ``transaction``; the others of the file stand by themselves.
    """

    kind: str
    reference: str
    line: int
    lines: tuple[str, ...]
    transaction: Transaction | None
    unread: tuple[Unread, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatFile:
    """A file of a provider. Empty where a format does not say it.

    ``layout`` is ``pipe`` or ``prism``; ``number`` the sender's number of the file.
    """

    layout: str
    number: str = ""
    sender: str = ""
    sender_name: str = ""
    receiver: str = ""
    receiver_name: str = ""
    sent: Moment | None = None
    documents: tuple[FlatDocument, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Row:
    """One line, split; its fields are asked for by name, and who asks is remembered.

    ``places`` is where the layout has each name; a name it lacks is an empty field.
    """

    tag: str
    number: int
    fields: Sequence[str]
    places: Mapping[str, int]
    columns: Sequence[str] = ()
    seen: set[int] = field(default_factory=lambda: {0})

    def text(self, name: str) -> str:
        """The field, or nothing where the line is shorter."""
        index = self.places.get(name, -1)
        self.seen.add(index)
        return self.fields[index].strip() if 0 <= index < len(self.fields) else ""

    def decimal(self, name: str) -> Decimal | None:
        """A number, or None for an empty field."""
        text = self.text(name)
        if not text:
            return None
        if not _DECIMAL.fullmatch(text):
            raise self.wrong(name, "a decimal number")
        return Decimal(text)

    def integer(self, name: str) -> int | None:
        """A whole number, leading zeros allowed; None for an empty field."""
        text = self.text(name)
        if not text:
            return None
        if not _INTEGER.fullmatch(text):
            raise self.wrong(name, "a whole number")
        return int(text)

    def date(self, name: str) -> dt.date | None:
        """``2/22/2021``, ``02/22/2021`` or ``20210222``; None for an empty field."""
        moment = self.moment(name)
        return moment.date if moment else None

    def moment(self, name: str, clock: str = "") -> Moment | None:
        """A date with its time, in one field of 12 digits or more, or in two fields."""
        text = self.text(name)
        time = self.text(clock) if clock else ""
        if not text:
            return None
        found = read_moment(text, time)
        if found is None:
            raise self.wrong(name, "a date (with a time) of the calendar", code="flat_date")
        return found

    def needed_text(self, name: str) -> str:
        """The field, which must not be empty."""
        text = self.text(name)
        if not text:
            raise self.wrong(name, "a value")
        return text

    def needed_date(self, name: str) -> dt.date:
        """The date, which must be there."""
        date = self.date(name)
        if date is None:
            raise self.wrong(name, "a date", code="flat_date")
        return date

    def needed_decimal(self, name: str) -> Decimal:
        """The number, which must be there."""
        value = self.decimal(name)
        if value is None:
            raise self.wrong(name, "a decimal number")
        return value

    def wrong(self, name: str, expected: str, *, code: str = "flat_value") -> EdiError:
        """The error that names line, field and what was expected."""
        index = self.places.get(name)
        found = self.fields[index] if index is not None and index < len(self.fields) else ""
        where = name if index is None else self._column(index)
        return EdiError(
            Fault(
                code=code,
                message=f"line {self.number}, {where}: expected {expected}, found {found[:80]!r}",
                tag=self.tag,
                segment=self.number,
                element=index,
                expected=expected,
                found=found[:80],
            )
        )

    def unread(self) -> tuple[Unread, ...]:
        """Fields with a value that nobody has asked for."""
        return tuple(
            Unread(self.number, self._column(index), value)
            for index, value in enumerate(self.fields)
            if index not in self.seen and value.strip()
        )

    def _column(self, index: int) -> str:
        return self.columns[index] if index < len(self.columns) else f"{self.tag}[{index}]"


def read_moment(date: str, clock: str = "") -> Moment | None:
    """A date in one of the providers' forms with an optional time; None when it is none."""
    compact = _COMPACT.fullmatch(date)
    slashed = _SLASHED.fullmatch(date)
    try:
        if compact:
            digits = compact.group(1)
            day = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            clock = clock or compact.group(2) or ""
        elif slashed:
            month, day_of_month, year = (int(part) for part in slashed.groups())
            day = dt.date(year, month, day_of_month)
        else:
            return None
        return _with_clock(day, clock)
    except (ValueError, OverflowError):
        return None


def _with_clock(day: dt.date, clock: str) -> Moment | None:
    if not clock:
        return Moment(day)
    match = _CLOCK.fullmatch(clock)
    if match is None:
        return None
    if "".join(match.groups()) == _MIDNIGHT:
        return Moment(day + dt.timedelta(days=1), dt.time())
    return Moment(day, dt.time(int(match.group(1)), int(match.group(2))))


def decimal_text(value: Decimal | None) -> str:
    """The plain digits of a number; empty for None."""
    return "" if value is None else format(value, "f")


def compact_moment(value: Moment | None) -> str:
    """``20260218`` or ``202602180015``; empty for None."""
    if value is None:
        return ""
    return compact_date(value.date) + ("" if value.time is None else clock_text(value.time))


def compact_date(value: dt.date | None) -> str:
    """``20260218``; empty for None."""
    return "" if value is None else f"{value.year:04d}{value.month:02d}{value.day:02d}"


def slashed_date(value: dt.date | None) -> str:
    """``02/18/2026``; empty for None."""
    return "" if value is None else f"{value.month:02d}/{value.day:02d}/{value.year:04d}"


def clock_text(value: dt.time | None) -> str:
    """``0015``; empty for None."""
    return "" if value is None else f"{value.hour:02d}{value.minute:02d}"


def cannot_write(layout: str, what: str) -> EdiError:
    """The error for content that a layout has no place for; nothing is left out silently."""
    return EdiError(
        Fault(
            code="flat_unwritable",
            message=f"the {layout} layout has no place for {what}",
            rule=f"{layout} layout",
            found=what,
        )
    )
