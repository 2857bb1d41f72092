"""The ``|`` records of another provider: 867_02, 867_03, 867_04, 810_02 and 820_02.

A document runs from its SH record to the next; the file ends with TL. Nothing in it says which
kind of document it is: that is told by the records it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.flat.layouts import PrismLayout, prism_layout
from ossrep.market.edi.flat.model import FlatDocument, FlatFile, Row, cannot_write
from ossrep.market.edi.flat.prism_invoice import read_invoice, write_invoice
from ossrep.market.edi.flat.prism_remittance import read_remittance, write_remittance
from ossrep.market.edi.flat.prism_usage import read_usage
from ossrep.market.edi.flat.prism_usage_writing import write_usage
from ossrep.market.edi.flat.text import file_fault, read_lines
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.remittance import Remittance
from ossrep.market.edi.texas_set.usage import Usage

SEPARATOR: Final = "|"
_NAME: Final = "prism"
_LINES_PER_DOCUMENT_MAX: Final = 500_000
Reader = Callable[[Sequence[Row], PrismLayout], Transaction]
_READERS: dict[str, Reader] = {
    "usage": read_usage,
    "invoice": read_invoice,
    "remittance": read_remittance,
}
_KINDS: Final = {"usage": "867", "invoice": "810", "remittance": "820_02"}
_ONLY_IN_REMITTANCES: Final = frozenset({"SH", "01", "20"})
_OUTBOUND: Final = "O"
_ONLY_IN_INVOICES: Final = frozenset({"40", "45", "60"})


def is_prism(data: bytes) -> bool:
    """Whether the file begins like one of this provider."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:3] == b"SH|"


def read_prism(data: bytes) -> FlatFile:
    """Every document of a file; a bad one has its faults and leaves the others be.

    ``EdiError`` only when there is no SH record at all.
    """
    documents: list[list[tuple[int, str]]] = []
    faults: list[Fault] = []
    count: str | None = None
    for number, line in read_lines(data, _NAME):
        tag = line.split(SEPARATOR, 1)[0].strip()
        if tag == "SH":
            documents.append([(number, line)])
        elif tag == "TL":
            fields = line.split(SEPARATOR)
            count = fields[1].strip() if len(fields) > 1 else ""
        elif not documents or count is not None:
            faults.append(
                file_fault("flat_order", "a record outside a document", line=number, found=line)
            )
        else:
            documents[-1].append((number, line))
    if not documents:
        raise EdiError(file_fault("flat_header", "the file has no SH record", rule="prism layout"))
    if count is None or not count.isdecimal() or int(count) != len(documents):
        said = "no TL record" if count is None else f"the TL record counts {count or 'nothing'}"
        faults.append(file_fault("flat_count", f"{said}, there are {len(documents)} documents"))
    read = tuple(_document(lines) for lines in documents)
    return FlatFile(layout=_NAME, documents=read, faults=tuple(faults))


def _document(lines: Sequence[tuple[int, str]]) -> FlatDocument:
    family = _family(lines)
    layout = prism_layout(family)
    rows = [_row(number, line, layout) for number, line in lines]
    transaction: Transaction | None = None
    faults: tuple[Fault, ...] = ()
    try:
        if len(rows) > _LINES_PER_DOCUMENT_MAX:
            raise rows[0].wrong("reference", f"at most {_LINES_PER_DOCUMENT_MAX} records")
        _refuse_unknown(rows, layout)
        transaction = _READERS[family](rows, layout)
    except EdiError as error:
        faults = (error.fault,)
    return FlatDocument(
        kind=transaction.kind if transaction else _KINDS[family],
        reference=rows[0].text("reference"),
        line=lines[0][0],
        lines=tuple(line for _, line in lines),
        transaction=transaction,
        unread=tuple(found for row in rows for found in row.unread()) if transaction else (),
        faults=faults,
    )


def _row(number: int, line: str, layout: PrismLayout) -> Row:
    fields = line.split(SEPARATOR)
    tag = fields[0].strip()
    row = Row(tag, number, fields, layout.records.get(tag, {}))
    # The provider's name for the partner and the state stand in every record and say nothing new.
    row.text("partner"), row.text("state")
    return row


def _family(lines: Sequence[tuple[int, str]]) -> str:
    tags = {line.split(SEPARATOR, 1)[0].strip() for _, line in lines}
    start = lines[0][1].split(SEPARATOR)
    direction = prism_layout("remittance").records["SH"]["direction"]
    goes_out = len(start) > direction and start[direction].strip() == _OUTBOUND
    if goes_out and "20" in tags and tags <= _ONLY_IN_REMITTANCES:
        return "remittance"
    return "invoice" if tags & _ONLY_IN_INVOICES else "usage"


def _refuse_unknown(rows: Sequence[Row], layout: PrismLayout) -> None:
    """A record that no layout knows may hold usage or money: the document waits for a person."""
    for row in rows:
        if row.tag not in layout.records:
            raise EdiError(
                file_fault(
                    "flat_record",
                    f"record {row.tag[:10]!r} is in no layout",
                    line=row.number,
                    rule="prism layout",
                    found=SEPARATOR.join(row.fields),
                )
            )
    if len(rows) < 2 or rows[1].tag != "01" or sum(row.tag == "01" for row in rows) > 1:
        raise rows[0].wrong("reference", "one 01 record behind SH", code="flat_order")


def write_prism(*, partner: str, transactions: Sequence[Transaction]) -> bytes:
    """A file of these documents; ``partner`` is the provider's name for the trading partner."""
    lines: list[str] = []
    for transaction in transactions:
        if transaction.unknown or transaction.strays:
            raise cannot_write(_NAME, "segments of X12 that no guide knows")
        lines += _write(partner, transaction)
    lines.append(f"TL{SEPARATOR}{len(transactions)}")
    return ("\n".join(lines) + "\n").encode()


def _write(partner: str, transaction: Transaction) -> Iterator[str]:
    if isinstance(transaction, Usage):
        return write_usage(partner, transaction, prism_layout("usage"))
    if isinstance(transaction, DeliveryInvoice):
        return write_invoice(partner, transaction, prism_layout("invoice"))
    if isinstance(transaction, Remittance):
        return write_remittance(partner, transaction, prism_layout("remittance"))
    raise cannot_write(_NAME, f"a {transaction.kind}")
