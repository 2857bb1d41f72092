"""Our own interval CSV: one line for each ESI ID, local day and direction (docs/formats)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.domain.formats import texts
from ossrep.meter.domain.formats.lines import LineFeed, LineTable, Text
from ossrep.meter.domain.formats.numbers import NotWh, read_wh, wh_of
from ossrep.meter.domain.formats.texts import NotReadable, shown
from ossrep.meter.domain.interval_days import (
    ACTUAL,
    DIRECTION_NAMES,
    ESI_ID_BYTES,
    ESTIMATED,
    INTERPOLATED,
    LIKE_DAY,
    MISSING,
    NO_REGISTER,
    PROFILED,
    DayBlock,
    DayKey,
    Parsed,
    ReadDay,
    Refusal,
    blocks_of,
)
from ossrep.published.meter import MISSING_WH

KEY_FIELDS = 5
HEADER = b"esi_id,date,direction,as_of,quality"

_DIRECTION_OF = {name.encode(): code for code, name in enumerate(DIRECTION_NAMES)}
_QUALITIES = bytes([ACTUAL, ESTIMATED])
_VALUES_MIN, _VALUES_MAX = 92, 1000


class WideCsvReader:
    """Takes the bytes after the header line piece by piece, gives days and refusals."""

    def __init__(self, *, next_line: int, is_careful: bool = False) -> None:
        self._feed = LineFeed(next_line=next_line)
        self._is_careful = is_careful

    def feed(self, data: bytes) -> Parsed:
        """Days of all lines that are whole."""
        return self._read(self._feed.push(data))

    def finish(self) -> Parsed:
        """The last line, where the file does not end with a line feed."""
        return self._read(self._feed.close())

    def _read(self, text: Text) -> Parsed:
        if not text:
            return Parsed()
        table = LineTable(text=text, first_line=self._feed.next_line)
        self._feed.next_line += len(table)
        done = np.zeros(len(table), dtype=np.bool_)
        parsed = Parsed()
        if not self._is_careful:
            parsed.blocks += _read_usual(table, done)
        slow: list[ReadDay] = []
        for index in np.flatnonzero(~done).tolist():
            raw = table.line(index)
            outcome = read_line(raw, number=table.number(index)) if raw.strip() else None
            if isinstance(outcome, Refusal):
                parsed.refusals.append(outcome)
            elif outcome is not None:
                slow.append(outcome)
        parsed.blocks += blocks_of(slow)
        return parsed


def _read_usual(table: LineTable, done: NDArray[np.bool_]) -> list[DayBlock]:
    found = []
    fits = (table.field_counts >= KEY_FIELDS + _VALUES_MIN) & (
        table.field_counts <= KEY_FIELDS + _VALUES_MAX
    )
    for fields in np.unique(table.field_counts[fits]).tolist():
        lines = np.flatnonzero(table.field_counts == fields)
        separators = table.separators_of(lines=lines, fields=fields)
        keys = _keys(table, lines, separators)
        counts = np.array([0 if key is None else key.count for key in keys], dtype=np.int64)
        for count in np.unique(counts[(counts > 0) & (counts <= fields - KEY_FIELDS)]).tolist():
            chosen = np.flatnonzero(counts == count)
            same = _Same([key for key in keys if key is not None and key.count == count], count)
            found += same.read(table, lines[chosen], separators[chosen], done)
    return found


@dataclass(frozen=True, slots=True)
class _LineKey:
    day: DayKey
    quality: bytes
    count: int


def _keys(
    table: LineTable, lines: NDArray[np.intp], separators: NDArray[np.int64]
) -> list[_LineKey | None]:
    starts, ends = table.starts[lines].tolist(), separators[:, KEY_FIELDS - 1].tolist()
    keys: list[_LineKey | None] = []
    for start, end in zip(starts, ends, strict=True):
        try:
            keys.append(_line_key(table.raw[start:end].split(b",")))
        except NotReadable:
            keys.append(None)
    return keys


def _line_key(fields: list[bytes]) -> _LineKey:
    esi_id, date = texts.esi_id(fields[0]), texts.iso_date(fields[1])
    direction = _DIRECTION_OF.get(fields[2])
    if direction is None:
        raise NotReadable("bad_direction", f"{shown(fields[2])} is neither import nor export")
    key = DayKey(esi_id, date, direction, texts.iso_time_us(fields[3]))
    count, quality = intervals_in_day(date), fields[4]
    if len(quality) not in (1, count) or quality.strip(_QUALITIES):
        raise NotReadable(
            "bad_quality", f"{shown(quality)} is not one letter A or E, nor {count} of them"
        )
    return _LineKey(key, quality, count)


@dataclass(frozen=True, slots=True)
class _Same:
    """Lines with the same number of fields, of days with the same number of quarter hours."""

    keys: list[_LineKey]
    count: int

    def read(
        self,
        table: LineTable,
        lines: NDArray[np.intp],
        separators: NDArray[np.int64],
        done: NDArray[np.bool_],
    ) -> list[DayBlock]:
        ends = separators[:, KEY_FIELDS : KEY_FIELDS + self.count]
        starts = separators[:, KEY_FIELDS - 1 : KEY_FIELDS - 1 + self.count] + 1
        wh, plain = read_wh(buffer=table.buffer, starts=starts.ravel(), ends=ends.ravel())
        is_absent = starts == ends
        good = (plain.reshape(ends.shape) | is_absent).all(axis=1)
        surplus = np.diff(separators[:, KEY_FIELDS - 1 + self.count :], axis=1)
        good &= (surplus == 1).all(axis=1)
        wh = np.where(is_absent, np.int32(MISSING_WH), wh.reshape(ends.shape))
        quality = np.where(is_absent, np.uint8(MISSING), self._qualities())
        done[lines[good]] = True
        return [self._block(lines + table.first_line, wh, quality).take(good)] if good.any() else []

    def _qualities(self) -> NDArray[np.uint8]:
        text = b"".join(
            key.quality * self.count if len(key.quality) == 1 else key.quality for key in self.keys
        )
        return np.frombuffer(text, dtype=np.uint8).reshape(-1, self.count)

    def _block(
        self, lines: NDArray[np.int64], wh: NDArray[np.int32], quality: NDArray[np.uint8]
    ) -> DayBlock:
        days = [key.day for key in self.keys]
        times = np.array([day.source_time_us for day in days], dtype=np.int64)
        return DayBlock(
            esi_ids=np.array([day.esi_id for day in days], dtype=f"S{ESI_ID_BYTES}"),
            dates=np.array([day.date for day in days], dtype="M8[D]"),
            directions=np.array([day.direction for day in days], dtype=np.int8),
            source_times=times.view("M8[us]"),
            lines=lines,
            wh=wh,
            quality=quality,
            register_wh=np.full(len(days), NO_REGISTER, dtype=np.int64),
        )


def read_line(raw: bytes, *, number: int) -> ReadDay | Refusal:
    """One line with care: a day, or what is wrong with it."""
    fields = raw.split(b",")
    key = None
    try:
        if len(fields) <= KEY_FIELDS:
            raise NotReadable("wrong_field_count", f"only {len(fields)} fields")
        key = _line_key(fields)
        values = _values(fields[KEY_FIELDS:], key)
        wh = [MISSING_WH if not value else wh_of(value) for value in values]
    except (NotReadable, NotWh) as error:
        return Refusal(
            reason=error.reason,
            message=f"line {number}: {error}",
            first_line=number,
            last_line=number,
            raw=raw,
            esi_id=key.day.esi_id.decode() if key else "",
            date=key.day.date if key else None,
        )
    letters = key.quality * key.count if len(key.quality) == 1 else key.quality
    quality = bytes(
        letter if value else MISSING for letter, value in zip(letters, values, strict=True)
    )
    return ReadDay(key.day, number, wh, quality)


def _values(cells: list[bytes], key: _LineKey) -> list[bytes]:
    values, surplus = cells[: key.count], cells[key.count :]
    filled = len(cells) - next((i for i, cell in enumerate(reversed(cells)) if cell), len(cells))
    if len(values) < key.count or any(surplus):
        raise NotReadable(
            "wrong_interval_count",
            f"{max(filled, len(values)) if surplus else len(values)} quarter hours where "
            f"{key.day.date} has {key.count}",
        )
    return values


def line_of(*, block: DayBlock, index: int) -> bytes:
    """A day as a line of this format, estimates of ours as ``E``; for keeping it aside."""
    instant = block.source_times[index].astype("M8[us]").item().isoformat(timespec="microseconds")
    letters = block.quality[index].tobytes()
    for own in (LIKE_DAY, INTERPOLATED, PROFILED, MISSING):
        letters = letters.replace(bytes([own]), b"E")
    values = (b"" if wh == MISSING_WH else _kwh(wh) for wh in block.wh[index].tolist())
    head = (
        block.esi_ids[index].item(),
        str(block.dates[index]).encode(),
        DIRECTION_NAMES[block.directions[index]].encode(),
        f"{instant}Z".encode(),
        letters,
    )
    return b",".join((*head, *values))


def _kwh(wh: int) -> bytes:
    return b"%d.%03d" % divmod(wh, 1000)
