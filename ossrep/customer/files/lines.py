"""Lines and CSV records of a stream, one at a time, each good or with its fault.

A fault stays with its record: an endless line, bytes that are not UTF-8 or a quote that nobody
closes must not swallow the good records after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

RECORD_BYTES_MAX = 64 * 1024
RECORD_LINES_MAX = 50
RAW_CHARS_KEPT = 1_000

QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record could not be read: a stable code and a sentence."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, with its number from 1 on; ``fault`` where it cannot be used."""

    number: int
    text: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """The cells of one record that begins at a line; empty with a fault."""

    line: int
    raw: str
    cells: list[str]
    fault: Fault | None = None


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines of a UTF-8 stream, with or without byte order mark and carriage returns.

    Memory stays bounded: of a line above the limit only the beginning is kept.
    """
    number = 0
    while raw := stream.readline(RECORD_BYTES_MAX + 1):
        number += 1
        if len(raw) > RECORD_BYTES_MAX:
            yield _endless(number, raw, stream)
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            fault = Fault("not_utf8", f"byte {error.start + 1} of the line is not UTF-8")
            yield Line(number, _escaped(raw), fault)
            continue
        yield Line(number, text.rstrip("\r\n"))


def _endless(number: int, raw: bytes, stream: BinaryIO) -> Line:
    rest = raw
    while rest and not rest.endswith(b"\n"):
        rest = stream.readline(RECORD_BYTES_MAX)
    reason = f"the line has more than {RECORD_BYTES_MAX} bytes"
    return Line(number, _escaped(raw[:RAW_CHARS_KEPT]), Fault("line_too_long", reason))


def _escaped(raw: bytes) -> str:
    text = raw.decode("utf-8", errors="backslashreplace").rstrip("\r\n")
    return text.replace("\x00", "\\x00")


def read_csv(lines: Iterator[Line]) -> Iterator[CsvRecord]:
    """CSV records (RFC 4180, comma); a quoted cell may hold line ends. Blank lines are skipped."""
    waiting: deque[Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        if line.fault:
            yield CsvRecord(line.number, line.text, [], line.fault)
        elif QUOTE not in line.text:
            if line.text:
                yield CsvRecord(line.number, line.text, line.text.split(","))
        elif line.text.count(QUOTE) % 2 == 0:
            yield _parse(line.number, line.text)
        else:
            yield _gather(line, lines, waiting)


def _gather(first: Line, lines: Iterator[Line], waiting: deque[Line]) -> CsvRecord:
    # An odd count of quotes means that a cell goes on in the next line. Where no end is found,
    # only the first line is at fault; the others are read again as records of their own.
    taken, size = [first], len(first.text)
    while len(taken) < RECORD_LINES_MAX and size <= RECORD_BYTES_MAX:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            break
        taken.append(line)
        size += len(line.text)
        if line.text.count(QUOTE) % 2 == 1:
            if any(part.fault for part in taken):
                break
            return _parse(first.number, "\n".join(part.text for part in taken))
    waiting.extendleft(reversed(taken[1:]))
    fault = Fault("quote_not_closed", "a cell begins with a quote that nothing closes")
    return CsvRecord(first.number, first.text, [], fault)


def _parse(number: int, text: str) -> CsvRecord:
    try:
        cells = next(csv.reader([text], strict=True))
    except csv.Error as error:
        return CsvRecord(number, text, [], Fault("not_csv", f"the quotes are wrong: {error}"))
    return CsvRecord(number, text, cells)
