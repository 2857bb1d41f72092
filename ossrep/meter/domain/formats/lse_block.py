"""One block of an ERCOT LSE file, row by row (Retail Market Guide, section 9, appendix G)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.domain.formats import texts
from ossrep.meter.domain.formats.numbers import NotWh, wh_of
from ossrep.meter.domain.formats.texts import NotReadable, shown
from ossrep.meter.domain.interval_days import EXPORT, IMPORT, NO_REGISTER, DayKey, ReadDay, Refusal

HEADER_ROWS = 5
VALUES_PER_ROW = 4
FIELDS_PER_DATA_ROW = 1 + 3 * VALUES_PER_ROW
CHANNELS = {b"1": EXPORT, b"4": IMPORT}

_SORT_CODES = (b"00000001", b"00000002", b"00000003", b"00000004", b"00000030")
_FIELD_COUNTS = (7, 14, 2, 3, 6)
_QUALITIES = {b"A", b"E"}
_STOPS = {b"235959", b"235900"}
_REGISTER_WH_MAX = 10**15


class BadBlock(ValueError):
    """A block that cannot be a day; ``reason`` is a stable code, ``row`` counts from 0."""

    def __init__(self, reason: str, message: str, *, row: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.row = row


def read_header(rows: Sequence[bytes]) -> tuple[DayKey, int]:
    """Key and register Wh (``NO_REGISTER`` without readings) from the five rows of a header."""
    fields = [_fields(rows, row) for row in range(HEADER_ROWS)]
    try:
        date = _day_of(fields[0])
        key = DayKey(
            esi_id=texts.esi_id(fields[0][1]),
            date=date,
            direction=_direction(fields[0][2]),
            source_time_us=_read_time_us(fields[3]),
        )
    except NotReadable as error:
        raise BadBlock(error.reason, str(error)) from None
    register_wh = _second_row(rows[1])
    if fields[4][1] != b"ATTRIBUTE_VALUE_PAIRS":
        raise BadBlock("bad_block", f"{shown(fields[4][1])} is not the name-value marker", row=4)
    return key, register_wh


_USUAL_HEADER = re.compile(
    rb"00000001,(\d{17}|\d{22}),([14]),(\d{8})000000,(\d{8})2359(?:59|00),Y,N\n"
    rb"(00000002(?:,[^,\n]*){13})\n00000003,[^,\n]*\n00000004,(\d{14}),M\n"
    rb"00000030,ATTRIBUTE_VALUE_PAIRS(?:,[^,\n]*){4}"
)


def read_usual_header(text: bytes) -> tuple[DayKey, int] | None:
    """What ``read_header`` gives, for the five lines as usual; None where it must have a look."""
    found = _USUAL_HEADER.fullmatch(text)
    if found is None:
        return None
    esi_id, channel, start, stop, second_row, stamp = found.groups()
    try:
        date = texts.compact_date(start)
        key = DayKey(esi_id, date, CHANNELS[channel], texts.stamp_us(stamp))
        return (key, _second_row(second_row)) if start == stop else None
    except (NotReadable, BadBlock):
        return None


def _fields(rows: Sequence[bytes], row: int) -> list[bytes]:
    code, count = _SORT_CODES[row], _FIELD_COUNTS[row]
    if row >= len(rows):
        raise BadBlock("bad_block", f"row {code.decode()} is absent", row=len(rows) - 1)
    fields = rows[row].split(b",")
    if fields[0] != code:
        message = f"{shown(fields[0])} stands where row {code.decode()} belongs"
        raise BadBlock("bad_block", message, row=row)
    if len(fields) != count:
        message = f"row {code.decode()} has {len(fields)} fields instead of {count}"
        raise BadBlock("bad_block", message, row=row)
    return fields


def _day_of(fields: Sequence[bytes]) -> dt.date:
    start, stop = fields[3], fields[4]
    date = texts.compact_date(start[:8])
    if start[8:] != b"000000" or stop[:8] != start[:8] or stop[8:] not in _STOPS:
        raise NotReadable("bad_time", f"{shown(start)} to {shown(stop)} is not one whole day")
    if fields[5] != b"Y":
        raise NotReadable("bad_time", "the values do not take part in daylight saving time")
    if fields[6] != b"N":
        raise NotReadable("marked_invalid", "the sender marks the record as invalid")
    return date


def _direction(channel: bytes) -> int:
    direction = CHANNELS.get(channel)
    if direction is None:
        raise NotReadable(
            "bad_direction", f"channel {shown(channel)} is neither 1 (generation) nor 4 (load)"
        )
    return direction


def _read_time_us(fields: Sequence[bytes]) -> int:
    if fields[2] != b"M":
        raise NotReadable("bad_block", f"origin {shown(fields[2])} is not M (metered)")
    return texts.stamp_us(fields[1])


@lru_cache(maxsize=1024)
def _second_row(row: bytes) -> int:
    """Checks unit and grid, and gives the register's difference in Wh."""
    fields = row.split(b",")
    expected = {7: (b"900", "seconds per interval"), 8: (b"01", "unit"), 13: (b"CST", "zone")}
    for index, (value, name) in expected.items():
        if fields[index] != value:
            raise BadBlock("bad_block", f"{name} {shown(fields[index])} is not {value!r}", row=1)
    begin, end, multiplier = (_reading(text) for text in fields[1:4])
    if begin is None or end is None or not multiplier or end < begin:
        # Without both readings, or with a register that ran over, there is nothing to compare.
        return NO_REGISTER
    wh = ((end - begin) * multiplier * 1000).to_integral_value(ROUND_HALF_UP)
    return int(wh) if wh < _REGISTER_WH_MAX else NO_REGISTER


def _reading(text: bytes) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.decode("ascii", "replace"))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or len(text) > 20:
        raise BadBlock("not_a_number", f"{shown(text)} is not a meter reading", row=1)
    return value


def read_block(
    rows: Sequence[bytes], *, first_line: int, at_end: bool = False
) -> ReadDay | Refusal:
    """One day, or why it is none. ``at_end``: nothing follows in the file."""
    key = None
    try:
        key, register_wh = read_header(rows)
        wh, quality = _values(rows[HEADER_ROWS:], key, at_end=at_end)
        return ReadDay(key, first_line, wh, quality, register_wh)
    except BadBlock as bad:
        return Refusal(
            reason=bad.reason,
            message=f"line {first_line + bad.row}: {bad}",
            first_line=first_line,
            last_line=first_line + len(rows) - 1,
            raw=b"\n".join(rows),
            esi_id=key.esi_id.decode() if key else "",
            date=key.date if key else None,
        )


def _values(rows: Sequence[bytes], key: DayKey, *, at_end: bool) -> tuple[list[int], bytes]:
    expected = intervals_in_day(key.date) // VALUES_PER_ROW
    wh: list[int] = []
    qualities: list[bytes] = []
    for index, row in enumerate(rows):
        _read_data_row(row, index, wh, qualities)
    if len(rows) != expected:
        cut = "; the file seems to be cut off" if at_end and len(rows) < expected else ""
        raise BadBlock(
            "wrong_interval_count",
            f"{len(wh)} quarter hours where {key.date} has {expected * VALUES_PER_ROW}{cut}",
        )
    return wh, b"".join(qualities)


def _read_data_row(row: bytes, index: int, wh: list[int], qualities: list[bytes]) -> None:
    at = HEADER_ROWS + index
    fields = row.split(b",")
    if len(fields) == FIELDS_PER_DATA_ROW - 1:
        # The last comma is sometimes left out.
        fields.append(b"")
    if fields[0] != b"%d" % (10_000_000 + index):
        message = f"{shown(fields[0])} stands where row {10_000_000 + index} belongs"
        raise BadBlock("bad_block", message, row=at)
    if len(fields) != FIELDS_PER_DATA_ROW:
        message = f"{len(fields)} fields instead of {FIELDS_PER_DATA_ROW}"
        raise BadBlock("wrong_field_count", message, row=at)
    for place in range(1, FIELDS_PER_DATA_ROW, 3):
        value, status, empty = fields[place : place + 3]
        if status not in _QUALITIES:
            raise BadBlock("bad_quality", f"{shown(status)} is neither A nor E", row=at)
        if empty:
            raise BadBlock("bad_block", f"{shown(empty)} stands in a field kept empty", row=at)
        try:
            wh.append(wh_of(value))
        except NotWh as error:
            raise BadBlock(error.reason, str(error), row=at) from None
        qualities.append(status)
