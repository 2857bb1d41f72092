"""Reading time-of-use calendars, windows, seasons and holiday lists out of documents."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from ossrep.rating.calendars import (
    ALL_DAY_TYPES,
    MINUTES_PER_DAY,
    DayType,
    MonthDay,
    Season,
    TouBucket,
    TouCalendar,
    Window,
    is_day_of_year,
)
from ossrep.rating.documents import FieldReader, Problems, read_date

BUCKETS_MAX = 12
WINDOWS_MAX = 24
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class SharedDocuments:
    """Calendars and holiday lists by name; what the plan names itself goes first."""

    calendars: Mapping[str, tuple[str, object]]
    holidays: Mapping[str, frozenset[dt.date]]


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """A calendar, and the prices that stood in its buckets (none in a shared calendar)."""

    calendar: TouCalendar
    prices: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class _PlacedWindow:
    bucket_path: str
    path: str
    window: Window


def read_calendar(
    reader: FieldReader, shared: SharedDocuments, *, line_label: str, priced: bool
) -> ReadCalendar:
    """Buckets, ``otherwise`` and holidays of a calendar or of a component that holds its own.

    The caller finishes the reader. Windows of two buckets that overlap are noted.
    """
    prices: dict[str, Decimal] = {}
    buckets: list[TouBucket] = []
    windows: list[_PlacedWindow] = []
    reader.required("buckets")
    for path, item in reader.items("buckets", most=BUCKETS_MAX):
        fields = FieldReader(item, path, reader.problems)
        placed = _read_windows(fields, path)
        own = tuple(place.window for place in placed)
        buckets.append(_read_bucket(fields, own, line_label, prices if priced else None))
        windows.extend(placed)
    reader.required("otherwise")
    rest = TouBucket("otherwise", line_label)
    if reader.has("otherwise"):
        inside = reader.inside("otherwise")
        rest = _read_bucket(inside, (), line_label, prices if priced else None)
    _note_duplicate_names([*buckets, rest], reader)
    _note_overlaps(windows, reader.problems)
    holidays = read_holidays(reader, "holidays", shared)
    return ReadCalendar(TouCalendar(tuple(buckets), rest, holidays), prices)


def read_holidays(reader: FieldReader, name: str, shared: SharedDocuments) -> frozenset[dt.date]:
    """A list of dates, or the name of one; none where absent."""
    value = reader.take(name)
    if isinstance(value, str):
        if value not in shared.holidays:
            reader.note(
                name, f"no holiday list is named {value!r}, in the plan or shared and in force"
            )
        return shared.holidays.get(value, frozenset())
    return read_dates(reader, name)


def read_dates(reader: FieldReader, name: str) -> frozenset[dt.date]:
    """A list of dates."""
    dates = (read_date(item, path, reader.problems) for path, item in reader.items(name))
    return frozenset(date for date in dates if date is not None)


def read_clock(reader: FieldReader, name: str, *, end: bool) -> int | None:
    """Minute of the day of a quoted ``HH:MM``; ``24:00`` only as an end."""
    value = reader.required(name)
    if value is None:
        return None
    if end and value == "24:00":
        return MINUTES_PER_DAY
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        last = "24:00" if end else "23:59"
        reader.note(name, f'must be a quoted time from "00:00" to "{last}": {value!r}')
        return None
    return int(match[1]) * 60 + int(match[2])


def read_span(reader: FieldReader) -> tuple[int, int]:
    """The minutes of ``from`` and ``to``; equal ends are noted."""
    first = read_clock(reader, "from", end=False)
    last = read_clock(reader, "to", end=True)
    if first is not None and first == last:
        reader.note("to", 'equals "from"; a whole day is "00:00" to "24:00"')
    return (0 if first is None else first), (MINUTES_PER_DAY if last is None else last)


def _read_bucket(
    fields: FieldReader,
    windows: tuple[Window, ...],
    line_label: str,
    prices: dict[str, Decimal] | None,
) -> TouBucket:
    name = fields.text("name")
    label = fields.text("label", default=f"{line_label}, {name}")
    if prices is not None:
        prices[name] = fields.decimal("price_usd_per_kwh")
    fields.finish()
    return TouBucket(name=name, label=label, windows=windows)


def _read_windows(fields: FieldReader, bucket_path: str) -> list[_PlacedWindow]:
    fields.required("windows")
    if fields.take("windows") == []:
        fields.note("windows", "must hold at least one window")
    placed: list[_PlacedWindow] = []
    for path, item in fields.items("windows", most=WINDOWS_MAX):
        window = _read_window(FieldReader(item, path, fields.problems))
        if window is not None:
            placed.append(_PlacedWindow(bucket_path, path, window))
    return placed


def _read_window(fields: FieldReader) -> Window | None:
    before = len(fields.problems)
    first, last = read_span(fields)
    days: set[DayType] = set()
    for path, item in fields.items("days"):
        if item in list(DayType):
            days.add(DayType(str(item)))
        else:
            fields.problems.add(path, f"must be one of {', '.join(DayType)}: {item!r}")
    if fields.take("days") == []:
        fields.note("days", "must name at least one day type")
    seasons = [
        _read_season(FieldReader(item, path, fields.problems))
        for path, item in fields.items("seasons")
    ]
    if fields.take("seasons") == []:
        fields.note("seasons", "must name at least one season")
    fields.finish()
    if len(fields.problems) > before:
        return None
    return Window(
        from_minute=first,
        to_minute=last,
        days=frozenset(days) or ALL_DAY_TYPES,
        seasons=tuple(season for season in seasons if season is not None),
    )


def _read_season(fields: FieldReader) -> Season | None:
    first, last = _read_month_day(fields, "from"), _read_month_day(fields, "to")
    fields.finish()
    return None if first is None or last is None else Season(first, last)


def _read_month_day(fields: FieldReader, name: str) -> MonthDay | None:
    value = fields.required(name)
    if value is None:
        return None
    match = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    day = MonthDay(int(match[1]), int(match[2])) if match else None
    if day is None or not is_day_of_year(day):
        fields.note(name, f'must be a day of the year such as "06-01": {value!r}')
        return None
    return day


def _note_duplicate_names(buckets: Sequence[TouBucket], reader: FieldReader) -> None:
    names = [bucket.name for bucket in buckets if bucket.name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        reader.note("buckets", f"two buckets are named {name!r}")


def _note_overlaps(windows: Sequence[_PlacedWindow], problems: Problems) -> None:
    for one, other in combinations(windows, 2):
        if one.bucket_path != other.bucket_path and one.window.overlaps(other.window):
            problems.add(other.path, f"{other.window} overlaps {one.window} at {one.path}")
