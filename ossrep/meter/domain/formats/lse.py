"""ERCOT LSE files: a block of rows for each ESI ID, channel and local day, four values a row.

Blocks with the usual number of rows and plain values are read by array operations; the header
rows, and all other blocks, row by row (``lse_block``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.domain.formats.lines import LineFeed, LineTable, Text
from ossrep.meter.domain.formats.lse_block import (
    FIELDS_PER_DATA_ROW,
    HEADER_ROWS,
    VALUES_PER_ROW,
    read_block,
    read_usual_header,
)
from ossrep.meter.domain.formats.numbers import WORD, read_wh, word_of, words_at
from ossrep.meter.domain.interval_days import (
    ACTUAL,
    ESI_ID_BYTES,
    ESTIMATED,
    DayBlock,
    Parsed,
    ReadDay,
    Refusal,
    blocks_of,
)

FIRST_ROW = b"00000001,"
BLOCK_BYTES_MAX = 64 * 1024
"""A block that is longer than this is not waited for."""

_DATA_ROWS = (23, 24, 25)
_COMMA = ord(",")


class LseReader:
    """Takes the bytes of a file piece by piece, gives days and refusals."""

    def __init__(self, *, next_line: int, is_careful: bool = False) -> None:
        self._feed = LineFeed(next_line=next_line, cut=_last_block_begin)
        self._is_careful = is_careful

    def feed(self, data: bytes) -> Parsed:
        """Days of all blocks that are whole; the last one may go on."""
        return self._read(self._feed.push(data), at_end=False)

    def finish(self) -> Parsed:
        """The last block."""
        return self._read(self._feed.close(), at_end=True)

    def _read(self, text: Text, *, at_end: bool) -> Parsed:
        if not text:
            return Parsed()
        table = LineTable(text=text, first_line=self._feed.next_line)
        self._feed.next_line += len(table)
        blocks = _Blocks(table=table)
        parsed = Parsed(refusals=blocks.orphans())
        done = np.zeros(len(blocks), dtype=np.bool_)
        if not self._is_careful:
            parsed.blocks += blocks.read_usual(done)
        slow: list[ReadDay] = []
        for index in np.flatnonzero(~done):
            is_last = at_end and index == len(blocks) - 1
            outcome = read_block(
                blocks.rows(int(index)), first_line=blocks.line(int(index)), at_end=is_last
            )
            if isinstance(outcome, Refusal):
                parsed.refusals.append(outcome)
            else:
                slow.append(outcome)
        parsed.blocks += blocks_of(slow)
        return parsed


def _last_block_begin(raw: bytes, end: int) -> int:
    begin = max(raw.rfind(b"\n" + FIRST_ROW, WORD, end) + 1, WORD)
    return begin if end - begin <= BLOCK_BYTES_MAX else end


@dataclass(frozen=True, slots=True)
class _Values:
    wh: NDArray[np.int32]
    quality: NDArray[np.uint8]
    is_plain: NDArray[np.bool_]


class _Blocks:
    """The rows of a table, in blocks that each begin with row 00000001."""

    def __init__(self, *, table: LineTable) -> None:
        self._table = table
        self._codes = words_at(buffer=table.buffer, positions=table.starts)
        is_first = self._codes == word_of(FIRST_ROW[:WORD])
        is_first &= table.buffer[table.starts + WORD] == _COMMA
        self._begins = np.flatnonzero(is_first)
        self._ends = self._content_ends()

    def _content_ends(self) -> NDArray[np.intp]:
        # Empty lines between blocks, or at the end of the file, belong to no block.
        ends = np.append(self._begins[1:], len(self._table))[: len(self._begins)]
        is_empty = self._table.starts == self._table.ends
        while (trailing := is_empty[ends - 1]).any():
            ends[trailing] -= 1
        return ends

    def __len__(self) -> int:
        return len(self._begins)

    def line(self, block: int) -> int:
        """Number of the block's first line in the file."""
        return self._table.number(int(self._begins[block]))

    def rows(self, block: int) -> list[bytes]:
        """The rows of a block for the careful way."""
        return [self._table.line(i) for i in range(self._begins[block], self._ends[block])]

    def orphans(self) -> list[Refusal]:
        """What stands before the first block."""
        count = int(self._begins[0]) if len(self) else len(self._table)
        rows = [self._table.line(i) for i in range(count)]
        if not any(row.strip() for row in rows):
            return []
        first = self._table.first_line
        message = f"line {first}: rows that no row 00000001 precedes"
        return [Refusal("bad_block", message, first, first + count - 1, b"\n".join(rows))]

    def read_usual(self, done: NDArray[np.bool_]) -> list[DayBlock]:
        """Days of the blocks with plain values; marks them in ``done``."""
        sizes = self._ends - self._begins
        found = []
        for data_rows in _DATA_ROWS:
            chosen = np.flatnonzero(sizes == HEADER_ROWS + data_rows)
            if len(chosen):
                block = self._read_same(chosen, data_rows, done)
                found += [block] if len(block) else []
        return found

    def _read_same(
        self, chosen: NDArray[np.intp], data_rows: int, done: NDArray[np.bool_]
    ) -> DayBlock:
        rows = self._begins[chosen][:, None] + HEADER_ROWS + np.arange(data_rows)
        is_regular = self._codes[rows] == _DATA_CODES[:data_rows]
        is_regular &= self._table.field_counts[rows] == FIELDS_PER_DATA_ROW
        regular = is_regular.all(axis=1)
        chosen = chosen[regular]
        values = self._values(rows[regular])
        days: list[tuple[int, bytes, object, int, int, int]] = []
        for place in np.flatnonzero(values.is_plain).tolist():
            day = self._header_of(int(chosen[place]), data_rows)
            if day is not None:
                days.append((place, *day))
        places = np.array([day[0] for day in days], dtype=np.intp)
        done[chosen[places]] = True
        return DayBlock(
            esi_ids=np.array([day[1] for day in days], dtype=f"S{ESI_ID_BYTES}"),
            dates=np.array([day[2] for day in days], dtype="M8[D]"),
            directions=np.array([day[3] for day in days], dtype=np.int8),
            source_times=np.array([day[4] for day in days], dtype=np.int64).view("M8[us]"),
            lines=self._begins[chosen[places]] + self._table.first_line,
            wh=values.wh[places],
            quality=values.quality[places],
            register_wh=np.array([day[5] for day in days], dtype=np.int64),
        )

    def _header_of(self, block: int, data_rows: int) -> tuple[bytes, object, int, int, int] | None:
        table, begin = self._table, int(self._begins[block])
        text = table.raw[table.starts[begin] : table.ends[begin + HEADER_ROWS - 1]]
        found = read_usual_header(text)
        if found is None:
            return None
        key, register_wh = found
        if intervals_in_day(key.date) != data_rows * VALUES_PER_ROW:
            return None
        return key.esi_id, key.date, key.direction, key.source_time_us, register_wh

    def _values(self, rows: NDArray[np.intp]) -> _Values:
        table = self._table
        shape = (rows.shape[0], rows.shape[1] * VALUES_PER_ROW)
        first = table.first_separators[rows]
        ends = table.separators[first[:, :, None] + np.arange(FIELDS_PER_DATA_ROW)]
        before, value = ends[:, :, 0:-1:3], ends[:, :, 1::3]
        status, empty = ends[:, :, 2::3], ends[:, :, 3::3]
        starts = (before + 1).ravel()
        wh, plain = read_wh(buffer=table.buffer, starts=starts, ends=value.ravel())
        quality = table.buffer[value + 1].reshape(shape)
        good = plain.reshape(shape)
        good &= (quality == ACTUAL) | (quality == ESTIMATED)
        good &= ((status - value == 2) & (empty - status == 1)).reshape(shape)
        is_plain: NDArray[np.bool_] = np.all(good, axis=1)
        return _Values(wh.reshape(shape), quality, is_plain)


_DATA_CODES = np.array(
    [word_of(b"%d" % (10_000_000 + row)) for row in range(max(_DATA_ROWS))], dtype=np.uint64
)
