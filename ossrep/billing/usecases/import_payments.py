"""Reads payment files as streams: good rows are posted, bad ones go to quarantine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from ossrep.billing.domain.payment_rows import PaymentRow, cells_of, read_header, read_row
from ossrep.billing.domain.refused import Refused, RowRefused
from ossrep.billing.models import RefusedKind
from ossrep.billing.usecases.post_payments import PostedPayments, post_payments
from ossrep.billing.usecases.refused_rows import keep_refused, open_rows, settle_loaded
from ossrep.infra.input_files import InputRefused, InputSource, find_inputs

ROWS_PER_BATCH = 1_000
_SUFFIXES = (".csv",)


@dataclass(slots=True)
class PaymentsImported:
    """What became of one file; ``error`` says why it was not read to its end."""

    file: str
    posted: int = 0
    posted_usd: Decimal = Decimal(0)
    known: int = 0
    refused: int = 0
    error: str = ""


def import_payments(*, paths: Sequence[Path]) -> Iterator[PaymentsImported]:
    """Imports files one by one, a transaction for each batch of rows.

    Interrupted at any moment, the same files again post what is missing. Nothing that is wrong
    with a file stops the others.
    """
    for source in find_inputs(paths=paths, suffixes=_SUFFIXES):
        result = PaymentsImported(source.short_name)
        try:
            for rows, refused in _batches(source):
                _take(result, rows, refused)
        except InputRefused as fault:
            result.error = str(fault)
        yield result


def retry_payments(*, row_ids: Collection[int] | None) -> PaymentsImported:
    """Tries open rows of the quarantine again, all or those named. Raises UnknownRefusedRow."""
    total = PaymentsImported("quarantine")
    found = open_rows(kind=RefusedKind.PAYMENT, row_ids=row_ids)
    found.sort(key=attrgetter("file_name", "line"))
    for file_name, group in groupby(found, key=attrgetter("file_name")):
        rows: list[PaymentRow] = []
        refused: list[Refused] = []
        for row in group:
            if "text" in row.content:
                refused.append(Refused(row.line, row.content, row.reason_code, row.message))
            else:
                _read(row.content, row.line, rows, refused)
        of_file = PaymentsImported(file_name)
        _take(of_file, rows, refused)
        total.posted += of_file.posted
        total.posted_usd += of_file.posted_usd
        total.known += of_file.known
        total.refused += of_file.refused
    return total


def _batches(source: InputSource) -> Iterator[tuple[list[PaymentRow], list[Refused]]]:
    lines = source.lines()
    columns = read_header(next(lines, (1, ""))[1])
    if columns is None:
        raise source.refusal("the header must name account, date, amount and reference", 1)
    rows: list[PaymentRow] = []
    refused: list[Refused] = []
    for number, text in lines:
        if not text.strip():
            continue
        try:
            cells: Mapping[str, str] = cells_of(columns, text)
        except RowRefused as error:
            refused.append(Refused(number, {"text": text}, error.code, error.message))
            continue
        _read(cells, number, rows, refused)
        if len(rows) + len(refused) >= ROWS_PER_BATCH:
            yield rows, refused
            rows, refused = [], []
    yield rows, refused


def _read(
    cells: Mapping[str, str], line: int, rows: list[PaymentRow], refused: list[Refused]
) -> None:
    try:
        rows.append(read_row(cells, line))
    except RowRefused as error:
        refused.append(Refused(line, cells, error.code, error.message))


def _take(result: PaymentsImported, rows: list[PaymentRow], refused: list[Refused]) -> None:
    outcome = post_payments(rows=rows, file_name=result.file) if rows else PostedPayments()
    bad = [*refused, *outcome.refused]
    keep_refused(kind=RefusedKind.PAYMENT, file_name=result.file, refused=bad)
    gone = {row.line for row in bad}
    settle_loaded(
        kind=RefusedKind.PAYMENT,
        file_name=result.file,
        contents=[row.content for row in rows if row.line not in gone],
    )
    result.posted += len(outcome.posted)
    result.posted_usd += outcome.posted_usd
    result.known += outcome.known
    result.refused += len(bad)
