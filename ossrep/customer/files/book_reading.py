"""Reads customer books: which files there are, and their records by kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ossrep.customer.domain.records import KINDS, Kind
from ossrep.customer.files.lines import CsvRecord, Fault, Line, read_csv, read_lines
from ossrep.infra.input_files import InputRefused, InputSource, find_inputs
from ossrep.kernel.errors import DomainError

FILE_BYTES_MAX = 4 * 2**30
SUFFIXES = (".csv", ".jsonl")
FORMULA_SIGNS = "=+-@'"
"""A CSV cell that begins with one of these is written with an apostrophe before it."""

_BY_WORD = {word: kind for kind in KINDS for word in (kind.name, kind.plural)}
_BY_NAME = {kind.name: kind for kind in KINDS}


class BookRefused(DomainError):
    """Files that cannot be a customer book; nothing was written."""

    code = "book_refused"


@dataclass(frozen=True, slots=True)
class BookRow:
    """One record of a book as read: its cells by column, or the fault that hides them."""

    kind: Kind
    file: str
    line: int
    raw: str
    record: Mapping[str, str] | None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class BookFile:
    """A file whose shape is checked; ``kind`` is None for JSON lines, which may mix kinds."""

    source: InputSource
    kind: Kind | None
    header: tuple[str, ...]

    def rows(self, kind: Kind) -> Iterator[BookRow]:
        """Its records of one kind; lines that tell no kind come with the first kind of all.

        Raises InputRefused where the file cannot be read to its end.
        """
        if self.kind is None:
            return _json_rows(self.source, kind)
        return _csv_rows(self.source, kind, self.header) if self.kind is kind else iter(())


def open_book(*, paths: Sequence[Path]) -> list[BookFile]:
    """The files of a book, their names and headers checked before any record is read.

    Raises BookRefused that tells everything that is wrong with all of them.
    """
    files: list[BookFile] = []
    faults: list[str] = []
    for source in find_inputs(paths=paths, suffixes=SUFFIXES, bytes_max=FILE_BYTES_MAX):
        try:
            files.append(_open(source))
        except DomainError as refusal:
            faults.append(str(refusal))
    if not files and not faults:
        faults.append(f"no {' or '.join(SUFFIXES)} file in {', '.join(map(str, paths))}")
    if faults:
        raise BookRefused("\n".join(["the book is refused, nothing was imported:", *faults]))
    return files


def _open(source: InputSource) -> BookFile:
    name = source.short_name.lower().removesuffix(".gz")
    with source.open() as stream:
        lines = read_lines(stream)
        first = next(lines, None)
    if first and first.fault and first.text.startswith(("\\xff\\xfe", "\\xfe\\xff")):
        raise source.refusal("is UTF-16; save it as UTF-8")
    if name.endswith(".jsonl"):
        return BookFile(source, None, ())
    word = re.match(r"[a-z]*", name)
    kind = _BY_WORD.get(word.group() if word else "")
    if kind is None:
        known = ", ".join(f"{k.plural}.csv" for k in KINDS)
        raise source.refusal(f"its name tells no kind of record; name it like {known}")
    return BookFile(source, kind, _header(source, kind, first))


def _header(source: InputSource, kind: Kind, first: Line | None) -> tuple[str, ...]:
    record = next(read_csv(iter([first])), None) if first else None
    if record is None or record.fault:
        reason = record.fault.reason if record and record.fault else "the file is empty"
        raise source.refusal(f"has no header: {reason}", 1)
    header = tuple(cell.strip().lower() for cell in record.cells)
    faults = list(_header_faults(kind, header))
    if faults:
        raise source.refusal(f"the header is wrong: {'; '.join(faults)}", 1)
    return header


def _header_faults(kind: Kind, header: tuple[str, ...]) -> Iterator[str]:
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        yield "its columns are not separated by commas"
        return
    missing = [n for n, column in kind.columns.items() if column.is_required and n not in header]
    if missing:
        yield f"missing {', '.join(missing)}"
    unknown = [name or "(empty)" for name in header if name not in kind.columns]
    if unknown:
        yield f"unknown {', '.join(unknown)} (known are {', '.join(kind.columns)})"
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        yield f"more than once {', '.join(twice)}"


def _csv_rows(source: InputSource, kind: Kind, header: tuple[str, ...]) -> Iterator[BookRow]:
    with source.open() as stream:
        records = read_csv(read_lines(stream))
        next(records)
        for record in records:
            yield _csv_row(source.name, kind, header, record)


def _csv_row(file: str, kind: Kind, header: tuple[str, ...], record: CsvRecord) -> BookRow:
    fault = record.fault
    if fault is None and len(record.cells) != len(header):
        reason = f"has {len(record.cells)} cells, the header has {len(header)}"
        fault = Fault("wrong_cell_count", reason)
    if fault:
        return BookRow(kind, file, record.line, record.raw, None, fault)
    cells = record.cells
    if "'" in record.raw:
        cells = [_unguarded(cell) for cell in cells]
    return BookRow(kind, file, record.line, record.raw, dict(zip(header, cells, strict=True)))


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_SIGNS and cell[1:] else cell


def _json_rows(source: InputSource, kind: Kind) -> Iterator[BookRow]:
    # A file is read once for each kind, so that any order of its lines will do; lines that
    # cannot be of the kind are passed over without parsing them.
    is_first = kind is KINDS[0]
    mark = f'"{kind.name}"'
    with source.open() as stream:
        for line in read_lines(stream):
            if not line.text or not (is_first or mark in line.text):
                continue
            row = _json_row(source.name, line)
            if row.kind is kind:
                yield row


def _json_row(file: str, line: Line) -> BookRow:
    def bad(code: str, reason: str, kind: Kind = KINDS[0]) -> BookRow:
        return BookRow(kind, file, line.number, line.text, None, Fault(code, reason))

    if line.fault:
        return bad(line.fault.code, line.fault.reason)
    try:
        found = json.loads(line.text)
    except (ValueError, RecursionError) as error:
        return bad("not_json", f"the line is not JSON: {error}")
    if not isinstance(found, dict):
        return bad("not_json", "the line is not a JSON object")
    kind = _BY_NAME.get(str(found.pop("kind", "")))
    if kind is None or f'"{kind.name}"' not in line.text:
        known = ", ".join(k.name for k in KINDS)
        return bad("kind_unknown", f'"kind" is none of {known}, written without escapes')
    unknown = [name for name in found if name not in kind.columns]
    if unknown:
        return bad("field_unknown", f"unknown {', '.join(unknown)[:200]}", kind)
    record: dict[str, str] = {}
    for name, value in found.items():
        if name == "plan_version" and type(value) is int:
            value = str(value)
        if value is not None and not isinstance(value, str):
            return bad("not_text", f"{name} must be a string", kind)
        record[name] = value or ""
    return BookRow(kind, file, line.number, line.text, record)


__all__ = ["BookFile", "BookRefused", "BookRow", "InputRefused", "open_book"]
