"""Reads an ESI ID extract in chunks: good rows by column, bad ones with their line and reason."""

from __future__ import annotations

import contextlib
import csv
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from ossrep.infra.input_files import InputRefused, InputSource
from ossrep.kernel.errors import DomainError
from ossrep.market.domain.esi_id_extract import (
    COLUMNS,
    NULL,
    NULLABLE,
    STAGED,
    Column,
    ExtractRowRefused,
    check_row,
    numbers_of,
    staged_columns,
)

CHUNK_BYTES = 16_000_000
READ_BYTES = 1 << 20
LINE_BYTES_MAX = 100_000
_BOM = b"\xef\xbb\xbf"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULLABLE = tuple(map(STAGED.index, NULLABLE))


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no good row."""

    number: int
    text: str
    reason: DomainError


@dataclass(slots=True, kw_only=True)
class ExtractChunk:
    """Some lines of an extract, up to and including ``last_line`` (from 1).

    ``copy_text`` is the rows of ``STAGED`` in COPY's text format, by ESI ID, each once:
    of ``repeated`` ones the last row counts.
    """

    last_line: int
    esi_ids: Sequence[str] = ()
    copy_text: str = ""
    repeated: int = 0
    duns: set[str] = field(default_factory=set)
    bad: list[BadLine] = field(default_factory=list)


def read_chunks(
    source: InputSource, *, lines_done: int = 0, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[ExtractChunk]:
    """Chunks in order, without those that end at or before ``lines_done``.

    Lines may end with LF, CRLF or CR; a byte order mark is passed over. Raises InputRefused where
    the file ends too early or a line has no end in sight.
    """
    with source.open() as stream:
        number = 0
        for block in _blocks(source, stream, chunk_bytes):
            # One form of line end, so that lines are what they are to every reader.
            raw_lines = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            if raw_lines[-1] == b"":
                raw_lines.pop()
            first, number = number + 1, number + len(raw_lines)
            if number > lines_done:
                with _without_collector():
                    chunk = _chunk(raw_lines, first)
                yield chunk


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of cells without a cycle among them: looking for one costs 40 % of the reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _blocks(source: InputSource, stream: BinaryIO, chunk_bytes: int) -> Iterator[bytes]:
    """Whole lines, about ``chunk_bytes`` at once; those before damage come before its refusal."""
    rest = b""
    is_first = True
    for data in _pieces(stream, chunk_bytes):
        if isinstance(data, InputRefused):
            raise data
        block = rest + (data.removeprefix(_BOM) if is_first else data)
        is_first = False
        # A CR at the end may be half of a CRLF: it waits for what follows.
        end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1
        rest = block[end:]
        if len(rest) > LINE_BYTES_MAX:
            raise source.refusal(f"has a line of more than {LINE_BYTES_MAX} bytes")
        if end:
            yield block[:end]
    if rest:
        yield rest


def _pieces(stream: BinaryIO, chunk_bytes: int) -> Iterator[bytes | InputRefused]:
    while True:
        parts: list[bytes] = []
        refusal = None
        try:
            while sum(map(len, parts)) < chunk_bytes:
                # One step at a time, so that what comes before damage is not lost with it.
                part: bytes = stream.read1(min(READ_BYTES, chunk_bytes))  # type: ignore[attr-defined]
                if not part:
                    break
                parts.append(part)
        except InputRefused as error:
            refusal = error
        if parts:
            yield b"".join(parts)
        if refusal is not None:
            yield refusal
        if not parts or refusal is not None:
            return


def _chunk(raw_lines: Sequence[bytes], first: int) -> ExtractChunk:
    chunk = ExtractChunk(last_line=first + len(raw_lines) - 1)
    rows = _all_rows(raw_lines)
    columns = staged_columns(rows) if rows else None
    if columns is None:
        rows = _good_rows(raw_lines, first, chunk)
        columns = staged_columns(rows) if rows else [()] * len(STAGED)
        assert columns is not None
    chunk.duns = numbers_of(rows or [])
    _fill(chunk, columns)
    return chunk


def _all_rows(raw_lines: Sequence[bytes]) -> list[list[str]] | None:
    """All lines at once, where each of them is one whole row; else None."""
    try:
        lines = b"\n".join(raw_lines).decode().split("\n")
        rows = list(csv.reader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    is_whole = len(rows) == len(lines) and set(map(len, rows)) == {COLUMNS}
    return rows if is_whole and not any("\0" in line for line in lines) else None


def _good_rows(raw_lines: Sequence[bytes], first: int, chunk: ExtractChunk) -> list[list[str]]:
    rows = []
    for number, raw in enumerate(raw_lines, start=first):
        if not raw.strip():
            continue
        try:
            rows.append(read_row(raw))
        except ExtractRowRefused as refusal:
            text = raw.decode(errors="replace").replace("\0", "\\x00")
            chunk.bad.append(BadLine(number, text, refusal))
    return rows


def read_row(raw: bytes) -> list[str]:
    """One line by itself. Raises ExtractRowRefused."""
    try:
        rows = list(csv.reader([raw.decode()], strict=True))
    except UnicodeDecodeError as error:
        raise ExtractRowRefused("is not UTF-8") from error
    except csv.Error as error:
        raise ExtractRowRefused(f"is not CSV: {error}") from error
    if b"\0" in raw:
        raise ExtractRowRefused("has a NUL character")
    (row,) = rows
    check_row(row)
    return row


def _fill(chunk: ExtractChunk, columns: list[Column]) -> None:
    esi_ids = columns[0]
    if len(set(esi_ids)) < len(esi_ids):
        last = {esi_id: place for place, esi_id in enumerate(esi_ids)}
        chunk.repeated = len(esi_ids) - len(last)
        places = sorted(last.values(), key=esi_ids.__getitem__)
        columns = [[column[place] for place in places] for column in columns]
    elif list(esi_ids) != sorted(esi_ids):
        places = sorted(range(len(esi_ids)), key=esi_ids.__getitem__)
        columns = [[column[place] for place in places] for column in columns]
    chunk.esi_ids = columns[0]
    chunk.copy_text = _copy_text(columns)


def _copy_text(columns: Sequence[Column]) -> str:
    lines = list(map("\t".join, zip(*columns, strict=True)))
    if not lines:
        return ""
    text = "\n".join([*lines, ""])
    nulls = sum(columns[place].count(NULL) for place in _NULLABLE)
    is_plain = (
        text.count("\t") == len(lines) * (len(columns) - 1)
        and text.count("\n") == len(lines)
        and text.count("\\") == nulls
    )
    if is_plain:
        return text
    escaped = [
        column if place in _NULLABLE else [cell.translate(_ESCAPES) for cell in column]
        for place, column in enumerate(columns)
    ]
    return "\n".join([*map("\t".join, zip(*escaped, strict=True)), ""])
