"""Smart Meter Texas portal CSV (IntervalMeterUsage): one line for each quarter hour.

The lines of one ESI ID, day and revision share their first three fields; a run of such lines
that is in the usual order becomes a day by array operations alone. Everything else goes the
careful way (``smt_day``), line by line, with the same result.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes, intervals_in_day
from ossrep.meter.domain.formats import texts
from ossrep.meter.domain.formats.lines import LineFeed, LineTable, Text
from ossrep.meter.domain.formats.numbers import WORD, read_wh, word_of, words_at
from ossrep.meter.domain.formats.smt_day import DIRECTIONS, FIELDS, SmtLine, SmtPool, read_run
from ossrep.meter.domain.interval_days import (
    ACTUAL,
    ESI_ID_BYTES,
    ESTIMATED,
    NO_REGISTER,
    DayBlock,
    Parsed,
    Refusal,
    blocks_of,
)

HEADER = (
    b"ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,"
    b"ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION"
)
RUN_BYTES_MAX = 256 * 1024
"""A run of lines that is longer than this is not waited for."""

_UNKNOWN_DIRECTION = -1


class SmtCsvReader:
    """Takes the bytes after the header line piece by piece, gives days and refusals."""

    def __init__(self, *, next_line: int, is_careful: bool = False) -> None:
        self._feed = LineFeed(next_line=next_line, cut=_last_run_begin)
        self._pool = SmtPool()
        self._is_careful = is_careful

    def feed(self, data: bytes) -> Parsed:
        """Days of all lines that are whole, but for the last run, which may go on."""
        return self._read(self._feed.push(data))

    def finish(self) -> Parsed:
        """The rest, and the days that stayed incomplete."""
        parsed = self._read(self._feed.close())
        parsed.refusals += self._pool.close()
        return parsed

    def _read(self, text: Text) -> Parsed:
        if not text:
            return Parsed()
        table = LineTable(text=text, first_line=self._feed.next_line)
        self._feed.next_line += len(table)
        lines = np.flatnonzero(table.field_counts == FIELDS)
        parsed = Parsed(refusals=_odd_lines(table))
        if len(lines):
            self._read_runs(_Runs(table=table, lines=lines), parsed)
        return parsed

    def _read_runs(self, runs: _Runs, parsed: Parsed) -> None:
        usual = np.zeros(len(runs), dtype=np.bool_)
        if not self._is_careful:
            usual = runs.find_usual()
            parsed.blocks += runs.blocks(usual)
        slow = []
        for run in np.flatnonzero(~usual):
            outcome = read_run(runs.smt_lines(int(run)), pool=self._pool)
            slow += outcome.days
            parsed.refusals += outcome.refusals
        parsed.blocks += blocks_of(slow)
        parsed.refusals += self._pool.overflow()


def _last_run_begin(raw: bytes, end: int) -> int:
    """Where the last lines with the same first three fields begin; they may go on."""
    begin = max(raw.rfind(b"\n", WORD, end - 1) + 1, WORD)
    prefix = _prefix(raw[begin : begin + 128])
    while begin > WORD and end - begin < RUN_BYTES_MAX:
        before = max(raw.rfind(b"\n", WORD, begin - 1) + 1, WORD)
        if not prefix or not raw.startswith(prefix, before):
            return begin
        begin = before
    # All of it is one run: what is longer than a day can be is not waited for.
    return begin if end - begin < RUN_BYTES_MAX else end


def _prefix(line: bytes) -> bytes:
    fields = line.split(b",", 3)
    return b",".join(fields[:3]) + b"," if len(fields) == 4 else b""


def _odd_lines(table: LineTable) -> list[Refusal]:
    refusals = []
    for index in np.flatnonzero(table.field_counts != FIELDS):
        raw = table.line(int(index))
        if raw.strip():
            number = table.number(int(index))
            message = f"line {number}: {table.field_counts[index]} fields instead of {FIELDS}"
            refusals.append(Refusal("wrong_field_count", message, number, number, raw))
    return refusals


class _Runs:
    """Lines of a table, in runs that share first three fields and direction."""

    def __init__(self, *, table: LineTable, lines: NDArray[np.intp]) -> None:
        self._table = table
        self._lines = lines
        self._separators = table.separators_of(lines=lines, fields=FIELDS)
        self._directions = _directions(table.buffer, self._separators)
        # A line that is none of these ends a run, wherever a file is cut into pieces.
        changes = self._prefix_changes() | (np.diff(lines) != 1)
        changes = self._direction_by_direction(changes)
        turns = self._directions[1:] != self._directions[:-1]
        self._begins = np.concatenate(([0], np.flatnonzero(changes | turns) + 1))
        self._sizes = np.diff(self._begins, append=len(lines))

    def __len__(self) -> int:
        return len(self._begins)

    def _prefix_changes(self) -> NDArray[np.bool_]:
        # Words from the front, and one that ends at the third comma, cover the whole prefix.
        starts, ends = self._table.starts[self._lines], self._separators[:, 2]
        lengths = ends - starts
        changes: NDArray[np.bool_] = lengths[1:] != lengths[:-1]
        for offset in range(0, int(lengths.max()) - WORD, WORD):
            positions = np.minimum(starts + offset, ends - WORD)
            word = words_at(buffer=self._table.buffer, positions=positions)
            changes |= word[1:] != word[:-1]
        word = words_at(buffer=self._table.buffer, positions=ends - WORD)
        changes |= word[1:] != word[:-1]
        return changes

    def _direction_by_direction(self, changes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Brings each direction's lines together where those of one day take turns."""
        turns = (self._directions[1:] != self._directions[:-1]) & ~changes
        if not turns.any():
            return changes
        run = np.concatenate(([0], np.cumsum(changes)))
        if np.bincount(run[1:][turns]).max() > 1:
            order = np.lexsort((self._directions, run))
            self._lines = self._lines[order]
            self._separators = self._separators[order]
            self._directions = self._directions[order]
        return changes

    def smt_lines(self, run: int) -> list[SmtLine]:
        """The lines of a run for the careful way."""
        begin = self._begins[run]
        chosen = self._lines[begin : begin + self._sizes[run]]
        return [SmtLine(self._table.number(int(i)), self._table.line(int(i))) for i in chosen]

    def find_usual(self) -> NDArray[np.bool_]:
        """Which runs are whole days of plain lines in time order; reads keys and values."""
        separators, buffer = self._separators, self._table.buffer
        self._wh, good = read_wh(buffer=buffer, starts=separators[:, 4] + 1, ends=separators[:, 5])
        self._quality = buffer[separators[:, 5] + 1]
        good &= (self._quality == ACTUAL) | (self._quality == ESTIMATED)
        good &= separators[:, 6] - separators[:, 5] == 2
        good &= self._directions != _UNKNOWN_DIRECTION
        self._read_keys()
        good &= self._labels_fit()
        whole = np.logical_and.reduceat(good, self._begins)
        usual: NDArray[np.bool_] = whole & (self._sizes == self._counts)
        return usual

    def _read_keys(self) -> None:
        starts = self._table.starts[self._lines[self._begins]].tolist()
        ends = self._separators[self._begins, 2].tolist()
        raw = self._table.raw
        keys = [_run_key(raw[start:end]) for start, end in zip(starts, ends, strict=True)]
        self._esi_ids = np.array([key[0] for key in keys], dtype=f"S{ESI_ID_BYTES}")
        self._dates = np.array([key[1] for key in keys], dtype="M8[D]")
        self._counts = np.array([key[2] for key in keys], dtype=np.int64)
        self._times = np.array([key[3] for key in keys], dtype=np.int64).view("M8[us]")

    def _labels_fit(self) -> NDArray[np.bool_]:
        place = np.arange(len(self._lines)) - np.repeat(self._begins, self._sizes)
        np.minimum(place, _LABELS_PER_DAY - 1, out=place)
        place += np.repeat(_LABEL_ROWS[self._counts // 4], self._sizes)
        head = words_at(buffer=self._table.buffer, positions=self._separators[:, 2] + 1)
        tail = words_at(buffer=self._table.buffer, positions=self._separators[:, 4] - WORD)
        fits = self._separators[:, 4] - self._separators[:, 2] == _LABEL_BYTES + 1
        fits &= head == _LABEL_HEADS[place]
        fits &= tail == _LABEL_TAILS[place]
        found: NDArray[np.bool_] = fits
        return found

    def blocks(self, usual: NDArray[np.bool_]) -> list[DayBlock]:
        """The usual runs, as blocks by number of quarter hours."""
        chosen = np.flatnonzero(usual)
        sizes = self._sizes[chosen]
        return [self._block(chosen[sizes == size], int(size)) for size in np.unique(sizes)]

    def _block(self, runs: NDArray[np.intp], size: int) -> DayBlock:
        begins = self._begins[runs]
        index = begins[:, None] + np.arange(size)
        return DayBlock(
            esi_ids=self._esi_ids[runs],
            dates=self._dates[runs],
            directions=self._directions[begins],
            source_times=self._times[runs],
            lines=self._lines[begins] + self._table.first_line,
            wh=self._wh[index],
            quality=self._quality[index],
            register_wh=np.full(len(runs), NO_REGISTER, dtype=np.int64),
        )


_NO_KEY = (b"", dt.date(1970, 1, 1), 0, 0)


def _run_key(prefix: bytes) -> tuple[bytes, dt.date, int, int]:
    """ESI ID, date, its quarter hours and the revision's time; ``_NO_KEY`` if unreadable."""
    fields = prefix.split(b",")
    try:
        esi_id, date = texts.esi_id(fields[0].lstrip(b"'")), texts.slashed_date(fields[1])
        return esi_id, date, intervals_in_day(date), texts.slashed_time_us(fields[2])
    except texts.NotReadable:
        return _NO_KEY


def _directions(buffer: NDArray[np.uint8], separators: NDArray[np.int64]) -> NDArray[np.int8]:
    begins, ends = separators[:, 6] + 1, separators[:, 7]
    found = np.full(len(begins), _UNKNOWN_DIRECTION, dtype=np.int8)
    head = words_at(buffer=buffer, positions=begins)
    tail = words_at(buffer=buffer, positions=ends - WORD)
    for text, direction in DIRECTIONS.items():
        fits = (head == word_of(text[:WORD])) & (tail == word_of(text[-WORD:]))
        found[fits & (ends - begins == len(text))] = direction
    return found


_LABEL_BYTES = len(b"00:00,00:15")
_LABELS_PER_DAY = 100


def _labels() -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.uint64]]:
    # For each kind of day a hundred labels; the first index is a quarter of the day's count.
    rows = np.zeros(_LABELS_PER_DAY // 4 + 1, dtype=np.int64)
    heads: list[np.uint64] = []
    tails: list[np.uint64] = []
    for date in (dt.date(2026, 1, 1), dt.date(2026, 3, 8), dt.date(2026, 11, 1)):
        minutes = [int(m) for m in interval_start_minutes(date)]
        rows[len(minutes) // 4] = len(heads)
        for minute in minutes + [0] * (_LABELS_PER_DAY - len(minutes)):
            end = (minute + 15) % (24 * 60)
            label = b"%02d:%02d,%02d:%02d" % (*divmod(minute, 60), *divmod(end, 60))
            heads.append(word_of(label[:WORD]))
            tails.append(word_of(label[-WORD:]))
    return rows, np.array(heads, dtype=np.uint64), np.array(tails, dtype=np.uint64)


_LABEL_ROWS, _LABEL_HEADS, _LABEL_TAILS = _labels()
