"""Which format a file has, told by its first bytes; its name does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ossrep.kernel.errors import DomainError
from ossrep.meter.domain.formats import lse, smt_csv, wide_csv
from ossrep.meter.domain.formats.texts import shown
from ossrep.meter.domain.interval_days import Parsed

SMT_CSV, LSE, INTERVAL_CSV = "smt_csv", "lse", "interval_csv"
HEAD_BYTES_MAX = 16 * 1024

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class UnknownFormat(DomainError):
    """The first line is none that an interval file begins with."""

    code = "wrong_header"


class IntervalReader(Protocol):
    """A file's bytes in, days and refusals out."""

    def feed(self, data: bytes) -> Parsed:
        """Takes a piece of any size."""
        ...

    def finish(self) -> Parsed:
        """The end of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Detected:
    """A format's name, a reader for it, and how many bytes of the head are not the reader's."""

    format: str
    reader: IntervalReader
    skip: int


def reader_of(*, format: str, next_line: int, is_careful: bool = False) -> IntervalReader:
    """A reader for lines of a format, without its header line."""
    if format == SMT_CSV:
        return smt_csv.SmtCsvReader(next_line=next_line, is_careful=is_careful)
    if format == LSE:
        return lse.LseReader(next_line=next_line, is_careful=is_careful)
    if format == INTERVAL_CSV:
        return wide_csv.WideCsvReader(next_line=next_line, is_careful=is_careful)
    raise UnknownFormat(f"{format!r} is no format of interval files")


def detect(head: bytes, *, is_careful: bool = False) -> Detected:
    """Tells the format from at least the first line (``HEAD_BYTES_MAX`` bytes suffice)."""
    if head.startswith(_UTF16):
        raise UnknownFormat("the text is UTF-16; save it as UTF-8", where="line 1")
    bom = len(_BOM) if head.startswith(_BOM) else 0
    if head.startswith(lse.FIRST_ROW, bom):
        reader = reader_of(format=LSE, next_line=1, is_careful=is_careful)
        return Detected(LSE, reader, bom)
    first, feed, _ = head[bom:].partition(b"\n")
    skip = bom + len(first) + len(feed)
    header = first.strip().replace(b'"', b"").replace(b" ", b"")
    if header.upper() == smt_csv.HEADER:
        found = SMT_CSV
    elif header == wide_csv.HEADER or header.startswith(wide_csv.HEADER + b","):
        found = INTERVAL_CSV
    else:
        raise UnknownFormat(_difference(header), where="line 1")
    return Detected(found, reader_of(format=found, next_line=2, is_careful=is_careful), skip)


def _difference(header: bytes) -> str:
    for expected, name in ((smt_csv.HEADER, "SMT's portal CSV"), (wide_csv.HEADER, "our CSV")):
        columns, wanted = header.split(b","), expected.split(b",")
        if columns[0].lower() != wanted[0].lower() or len(columns) < 2:
            continue
        for index, column in enumerate(wanted):
            found = columns[index] if index < len(columns) else b""
            if found.lower() != column.lower():
                return f"column {index + 1} is {shown(found)}; {name} has {column.decode()} there"
        return f"{len(columns)} columns; {name} has {len(wanted)}"
    if not header:
        return "the file is empty, or its first line is"
    return (
        f"begins with {shown(header)}; expected the header of SMT's portal CSV (ESIID,USAGE_DATE,"
        "...), of our interval CSV (esi_id,date,...), or an LSE row 00000001"
    )
