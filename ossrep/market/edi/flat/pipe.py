"""The ``~`` files of one provider: 867_02, 867_03 and 810_02 as rows under named columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.flat.layouts import PipeLayout, pipe_header, pipe_layout, plain_text
from ossrep.market.edi.flat.model import (
    FlatDocument,
    FlatFile,
    Row,
    Unread,
    cannot_write,
    clock_text,
    slashed_date,
)
from ossrep.market.edi.flat.pipe_invoice import read_invoice, write_invoice
from ossrep.market.edi.flat.pipe_usage import read_usage, write_usage
from ossrep.market.edi.flat.text import file_fault, read_lines
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.usage import Usage

SEPARATOR: Final = "~"
_NAME: Final = "pipe"
_FAMILIES: Final = ("usage", "invoice")
Reader = Callable[[Sequence[Row], PipeLayout], Transaction]
_READERS: dict[str, Reader] = {"usage": read_usage, "invoice": read_invoice}


@dataclass(slots=True)
class _Section:
    """From one H line to its T line."""

    header: Row
    columns: Sequence[str] = ()
    places: dict[str, int] = field(default_factory=dict)
    layout: PipeLayout | None = None
    family: str = ""
    groups: dict[tuple[str, str], list[tuple[Row, str]]] = field(default_factory=dict)
    rows: int = 0


def is_pipe(data: bytes) -> bool:
    """Whether the file begins like one of this provider."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:2] == b"H~"


def read_pipe(data: bytes) -> FlatFile:
    """Every document of a file; a bad one has its faults and leaves the others be.

    ``EdiError`` only when no header can be told at all.
    """
    sections: list[_Section] = []
    faults: list[Fault] = []
    for number, line in read_lines(data, _NAME):
        fields = line.split(SEPARATOR)
        fault = _take(sections, number, line, fields)
        if fault is not None:
            faults.append(fault)
    if not sections:
        raise EdiError(file_fault("flat_header", "the file has no H line", rule="pipe layout"))
    documents = [document for section in sections for document in _documents(section)]
    return _file(sections[0].header, documents, faults)


def _file(header: Row, documents: Sequence[FlatDocument], faults: list[Fault]) -> FlatFile:
    try:
        sent = header.moment("date", "time")
    except EdiError as error:
        faults, sent = [*faults, error.fault], None
    return FlatFile(
        layout=_NAME,
        number=header.text("number"),
        sender=header.text("sender"),
        sender_name=header.text("sender_name"),
        receiver=header.text("receiver"),
        receiver_name=header.text("receiver_name"),
        sent=sent,
        documents=tuple(documents),
        faults=tuple(faults),
    )


def _take(sections: list[_Section], number: int, line: str, fields: list[str]) -> Fault | None:
    tag = fields[0]
    if tag == "H":
        sections.append(_Section(Row("H", number, fields, pipe_header()[0])))
        return None
    if not sections:
        return file_fault("flat_order", "a line before the first H line", line=number, found=line)
    section = sections[-1]
    if tag == "L":
        return _take_columns(section, number, fields)
    if tag == "D":
        return _take_row(section, number, line, fields)
    if tag == "T":
        return _check_count(section, number, fields)
    return file_fault("flat_record", "a line that is not H, L, D or T", line=number, found=line)


def _take_columns(section: _Section, number: int, fields: list[str]) -> Fault | None:
    kind = section.header.text("kind")
    for family in _FAMILIES:
        layout = pipe_layout(family)
        if kind in layout.kinds:
            section.layout, section.family = layout, family
            section.columns, section.places = fields, layout.places(fields)
            return None
    return file_fault("flat_kind", "a kind of document without a layout", line=number, found=kind)


def _take_row(section: _Section, number: int, line: str, fields: list[str]) -> Fault | None:
    section.rows += 1
    row = Row("D", number, fields, section.places, section.columns)
    key = row.text("kind"), row.text("reference")
    if section.layout is None:
        key = section.header.text("kind"), str(number)
    section.groups.setdefault(key, []).append((row, line))
    return None


def _check_count(section: _Section, number: int, fields: list[str]) -> Fault | None:
    said = fields[3].strip() if len(fields) > 3 else ""
    if said.isascii() and said.isdecimal() and int(said) == section.rows:
        return None
    return file_fault(
        "flat_count",
        f"the T line counts {said or 'nothing'}, there are {section.rows} D lines",
        line=number,
        found=said,
    )


def _documents(section: _Section) -> Iterator[FlatDocument]:
    for (kind, reference), rows in section.groups.items():
        transaction: Transaction | None = None
        unread: tuple[Unread, ...] = ()
        faults: tuple[Fault, ...] = ()
        try:
            transaction = _read(section, kind, [row for row, _ in rows])
            unread = tuple(found for row, _ in rows for found in row.unread())
        except EdiError as error:
            faults = (error.fault,)
        yield FlatDocument(
            kind=kind,
            reference=reference,
            line=rows[0][0].number,
            lines=tuple(line for _, line in rows),
            transaction=transaction,
            unread=unread,
            faults=faults,
        )


def _read(section: _Section, kind: str, rows: Sequence[Row]) -> Transaction:
    layout = section.layout
    if layout is None or kind not in layout.kinds:
        raise rows[0].wrong("kind", f"one of {', '.join(layout.kinds) if layout else 'no kinds'}")
    for name in layout.derived:
        for row in rows:
            row.text(name)
    for row in rows:
        for name, value in layout.constants.items():
            # Another value than the usual one stays unread, so that a person sees it.
            if row.text(name) not in ("", value):
                row.seen.discard(row.places[name])
    return _READERS[section.family](rows, layout)


def write_pipe(*, file: FlatFile, transactions: Sequence[Transaction]) -> bytes:
    """A file of these documents, which are of one family; ``file`` gives the header's words."""
    family = "invoice" if isinstance(transactions[0], DeliveryInvoice) else "usage"
    layout = pipe_layout(family)
    rows = [row for each in transactions for row in _write(each, family, layout)]
    places, constants = pipe_header()
    head = {
        **constants,
        "number": file.number,
        "kind": transactions[0].kind,
        "date": slashed_date(file.sent.date) if file.sent else "",
        "time": _clock(file),
        "sender": file.sender,
        "sender_name": file.sender_name,
        "receiver": file.receiver,
        "receiver_name": file.receiver_name,
    }
    lines = [
        SEPARATOR.join(["H", *(plain_text(head[name], SEPARATOR, _NAME) for name in places)]),
        SEPARATOR.join(["L", *layout.columns.values()]),
        *(_line(row, layout) for row in rows),
        SEPARATOR.join(["T", file.number, transactions[0].kind, str(len(rows))]),
    ]
    return ("\n".join(lines) + "\n").encode()


def _clock(file: FlatFile) -> str:
    text = clock_text(file.sent.time) if file.sent else ""
    return f"{text[:2]}:{text[2:]}:00" if text else ""


def _write(transaction: Transaction, family: str, layout: PipeLayout) -> list[dict[str, str]]:
    if transaction.kind not in layout.kinds:
        raise cannot_write(_NAME, f"a {transaction.kind} among {layout.kinds[0]}")
    if transaction.unknown or transaction.strays:
        raise cannot_write(_NAME, "segments of X12 that no guide knows")
    if isinstance(transaction, DeliveryInvoice) and family == "invoice":
        return write_invoice(transaction, layout)
    if isinstance(transaction, Usage) and family == "usage":
        return write_usage(transaction, layout)
    raise cannot_write(_NAME, f"a {transaction.kind} in a file of another family")


def _line(row: dict[str, str], layout: PipeLayout) -> str:
    fields = [plain_text(row.get(name, ""), SEPARATOR, _NAME) for name in layout.columns]
    return SEPARATOR.join(["D", *fields])
