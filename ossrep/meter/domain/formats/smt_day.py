"""One day of the SMT portal CSV, line by line: what the fast way does not take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from ossrep.kernel.market_time import interval_start_minutes, intervals_in_day
from ossrep.meter.domain.formats import texts
from ossrep.meter.domain.formats.numbers import NotWh, wh_of
from ossrep.meter.domain.formats.texts import NotReadable, shown
from ossrep.meter.domain.interval_days import EXPORT, IMPORT, DayKey, ReadDay, Refusal

FIELDS = 8
DIRECTIONS = {b"Consumption": IMPORT, b"Surplus Generation": EXPORT}
POOL_BYTES_MAX = 32 * 1024 * 1024

_MINUTES_PER_DAY = 24 * 60
_QUALITIES = {b"A", b"E"}
_DIRECTION_OF = {text.lower().replace(b" ", b""): code for text, code in DIRECTIONS.items()}


@dataclass(frozen=True, slots=True)
class SmtLine:
    """A line and its number in the file."""

    number: int
    raw: bytes


@dataclass(slots=True)
class RunOutcome:
    """What a run of lines gave; neither: it waits in the pool for the rest of its day."""

    days: list[ReadDay] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Quarter:
    line: int
    key: DayKey
    start_minute: int
    end_minute: int
    wh: int
    quality: bytes


_Place = tuple[bytes, dt.date, int]


@dataclass(frozen=True, slots=True)
class _Fault:
    reason: str
    message: str


@dataclass(slots=True)
class _Waiting:
    """Lines of a day that is not whole; with a fault it never will be."""

    lines: list[SmtLine] = field(default_factory=list)
    fault: _Fault | None = None


class SmtPool:
    """Lines of days that were not whole in one run, until the rest comes or the file ends.

    It holds at most ``POOL_BYTES_MAX`` bytes; what waits longest is refused first.
    """

    def __init__(self) -> None:
        self._waiting: dict[_Place, _Waiting] = {}
        self._bytes = 0

    def add(self, *, place: _Place, lines: Sequence[SmtLine]) -> ReadDay | None:
        """Puts lines with those of their day that came before; the day, once it is whole."""
        waiting = self._waiting.setdefault(place, _Waiting())
        waiting.lines += lines
        self._bytes += _size(lines)
        if waiting.fault is None and len(waiting.lines) >= intervals_in_day(place[1]):
            outcome = _assemble(waiting.lines)
            if isinstance(outcome, ReadDay):
                self._take(place)
                return outcome
            waiting.fault = outcome
        return None

    def overflow(self) -> list[Refusal]:
        """What must go because too much waits."""
        refusals = []
        while self._bytes > POOL_BYTES_MAX:
            refusals.append(self._give_up(next(iter(self._waiting))))
        return refusals

    def close(self) -> list[Refusal]:
        """What is not whole at the end of the file."""
        return [self._give_up(place) for place in list(self._waiting)]

    def _take(self, place: _Place) -> _Waiting:
        waiting = self._waiting.pop(place)
        self._bytes -= _size(waiting.lines)
        return waiting

    def _give_up(self, place: _Place) -> Refusal:
        waiting = self._take(place)
        fault = waiting.fault or _assemble(waiting.lines)
        if not isinstance(fault, _Fault):
            fault = _Fault("wrong_interval_count", _incomplete(waiting.lines, place))
        return _refusal(waiting.lines, fault, place)


def _size(lines: Sequence[SmtLine]) -> int:
    return sum(len(line.raw) for line in lines)


def read_run(lines: Sequence[SmtLine], *, pool: SmtPool) -> RunOutcome:
    """Reads lines that follow each other and seem to belong to one day.

    A run that is a whole day by itself is that day; other lines join those of their day in the
    pool. A line that cannot be told to belong to a day is refused alone.
    """
    outcome = RunOutcome()
    places: dict[_Place, list[SmtLine]] = {}
    for line in lines:
        try:
            places.setdefault(_place_of(line.raw.split(b",")), []).append(line)
        except NotReadable as error:
            fault = _Fault(error.reason, f"line {line.number}: {error}")
            outcome.refusals.append(_refusal([line], fault, None))
    for place, members in places.items():
        day: object = None
        if len(members) == intervals_in_day(place[1]):
            day = _assemble(members)
        if not isinstance(day, ReadDay):
            day = pool.add(place=place, lines=members)
        if isinstance(day, ReadDay):
            outcome.days.append(day)
    return outcome


def _place_of(fields: Sequence[bytes]) -> _Place:
    esi_id = texts.esi_id(fields[0].lstrip(b"'"))
    date = texts.slashed_date(fields[1])
    direction = _DIRECTION_OF.get(fields[7].lower().replace(b" ", b""))
    if direction is None:
        raise NotReadable("bad_direction", f"{shown(fields[7])} is no direction of usage")
    return esi_id, date, direction


class _BadLine(ValueError):
    def __init__(self, line: int, reason: str, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.reason = reason


def _read_line(line: SmtLine) -> _Quarter:
    fields = line.raw.split(b",")
    try:
        if fields[6] not in _QUALITIES:
            raise NotReadable("bad_quality", f"{shown(fields[6])} is neither A nor E")
        key = DayKey(*_place_of(fields), texts.slashed_time_us(fields[2]))
        start, end = _minute(fields[3]), _minute(fields[4])
        return _Quarter(line.number, key, start, end, wh_of(fields[5]), fields[6])
    except (NotReadable, NotWh) as error:
        raise _BadLine(line.number, error.reason, str(error)) from None


def _minute(text: bytes) -> int:
    hour, colon, minute = text.partition(b":")
    if not (colon and hour.isdigit() and minute.isdigit() and len(hour) <= 2 == len(minute)):
        raise NotReadable("bad_time", f"{shown(text)} is not a time HH:MM")
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > _MINUTES_PER_DAY:
        raise NotReadable("bad_time", f"{shown(text)} is no time of a day")
    return found % _MINUTES_PER_DAY


def _assemble(lines: Sequence[SmtLine]) -> ReadDay | _Fault | None:
    """The day in elapsed order, or its fault; None while quarter hours are absent.

    A label that exists twice (fall change) goes to the first pass first: labels alone cannot
    tell, only their order can.
    """
    try:
        quarters = [_read_line(line) for line in lines]
        key = quarters[0].key
        minutes = [int(m) for m in interval_start_minutes(key.date)]
        free: dict[int, list[int]] = {}
        for index in reversed(range(len(minutes))):
            free.setdefault(minutes[index], []).append(index)
        found: list[_Quarter | None] = [None] * len(minutes)
        for quarter in quarters:
            found[_slot(quarter, minutes, free)] = quarter
    except _BadLine as bad:
        return _Fault(bad.reason, str(bad))
    whole = [quarter for quarter in found if quarter is not None]
    if len(whole) < len(found):
        return None
    latest = max(quarter.key.source_time_us for quarter in whole)
    return ReadDay(
        key=DayKey(key.esi_id, key.date, key.direction, latest),
        line=min(quarter.line for quarter in whole),
        wh=[quarter.wh for quarter in whole],
        quality=b"".join(quarter.quality for quarter in whole),
    )


def _slot(quarter: _Quarter, minutes: list[int], free: dict[int, list[int]]) -> int:
    label = _label(quarter.start_minute)
    slots = free.get(quarter.start_minute)
    if slots is None:
        message = f"{quarter.key.date} has no quarter hour from {label}"
        raise _BadLine(quarter.line, "bad_time", message)
    if not slots:
        message = f"the quarter hour from {label} stands there once too often"
        raise _BadLine(quarter.line, "repeated_interval", message)
    slot = slots.pop()
    # On a change day both the old and the new clock may name the end.
    by_clock = minutes[slot + 1] if slot + 1 < len(minutes) else 0
    if quarter.end_minute not in (by_clock, (quarter.start_minute + 15) % _MINUTES_PER_DAY):
        message = f"from {label} to {_label(quarter.end_minute)} is no quarter hour"
        raise _BadLine(quarter.line, "bad_time", message)
    return slot


def _label(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _incomplete(lines: Sequence[SmtLine], place: _Place) -> str:
    date = place[1]
    minutes = [int(m) for m in interval_start_minutes(date)]
    absent = list(minutes)
    for line in lines:
        minute = _read_line(line).start_minute
        if minute in absent:
            absent.remove(minute)
    some = ", ".join(_label(minute) for minute in absent[:3])
    more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
    return (
        f"{len(lines)} quarter hours where {date} has {len(minutes)}: {some}{more} "
        f"{'are' if len(absent) > 1 else 'is'} absent"
    )


def _refusal(lines: Sequence[SmtLine], fault: _Fault, place: _Place | None) -> Refusal:
    return Refusal(
        reason=fault.reason,
        message=fault.message,
        first_line=min(line.number for line in lines),
        last_line=max(line.number for line in lines),
        raw=b"\n".join(line.raw for line in lines),
        esi_id=place[0].decode() if place else "",
        date=place[1] if place else None,
    )
