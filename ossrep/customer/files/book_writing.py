"""Writes the customer book: a folder or zip of CSV files, or one file of JSON lines."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from ossrep.customer.domain.records import KINDS, Kind
from ossrep.customer.files.book_reading import FORMULA_SIGNS
from ossrep.customer.queries.book import Record, one_moment, read_records

Outcome = TypeVar("Outcome")

# A fixed date makes two exports of the same book the same bytes.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def export_book(*, to: Path) -> Mapping[str, int]:
    """Writes every record of the database; gives the number of records by kind.

    ``to`` decides the shape: ``.jsonl``, ``.zip``, anything else is a folder. All files are of
    one moment and appear only when they are whole.
    """
    with one_moment():
        if to.suffix.lower() == ".jsonl":
            return _replacing(to, _write_json_lines)
        if to.suffix.lower() == ".zip":
            return _replacing(to, _write_zip)
        to.mkdir(parents=True, exist_ok=True)
        return {k.name: _replacing(to / f"{k.plural}.csv", partial(_write_file, k)) for k in KINDS}


def _replacing(to: Path, write: Callable[[Path], Outcome]) -> Outcome:
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        outcome = write(part)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return outcome


def _write_file(kind: Kind, to: Path) -> int:
    with to.open("w", encoding="utf-8", newline="") as stream:
        return _write_csv(stream, kind)


def _write_zip(to: Path) -> dict[str, int]:
    counts = {}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in KINDS:
            entry = zipfile.ZipInfo(f"{kind.plural}.csv", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with (
                archive.open(entry, "w", force_zip64=True) as raw,
                io.TextIOWrapper(raw, encoding="utf-8", newline="") as stream,
            ):
                counts[kind.name] = _write_csv(stream, kind)
    return counts


def _write_csv(stream: IO[str], kind: Kind) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(kind.columns)
    count = 0
    for record in read_records(kind):
        writer.writerow(_guarded(record))
        count += 1
    return count


def _guarded(record: Record) -> list[str]:
    return [f"'{cell}" if cell[:1] and cell[0] in FORMULA_SIGNS else cell for cell in record]


def _write_json_lines(to: Path) -> dict[str, int]:
    counts = {}
    with to.open("w", encoding="utf-8", newline="") as stream:
        for kind in KINDS:
            counts[kind.name] = 0
            for record in read_records(kind):
                values = {n: cell or None for n, cell in zip(kind.columns, record, strict=True)}
                line = {"kind": kind.name, **values}
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
                counts[kind.name] += 1
    return counts
