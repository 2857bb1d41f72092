"""Invoices as PDF files in a folder, by several processes where wanted."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import django

from ossrep.billing.documents.from_rows import document_of
from ossrep.billing.documents.rendering import invoice_pdf
from ossrep.billing.queries.invoices import load_invoices
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import InvoiceId

INVOICES_PER_TASK = 100
WORKERS_MAX = 64


class PdfsRefused(DomainError):
    """Files that cannot be written, or a number of workers that cannot be had."""

    code = "pdfs_refused"


def stored_invoice_pdf(*, invoice_id: InvoiceId) -> bytes:
    """The PDF of a stored invoice; the same bytes whenever it is made."""
    (stored,) = load_invoices(invoice_ids=[invoice_id])
    return invoice_pdf(document_of(stored))


def write_pdfs(
    *, invoice_ids: Sequence[InvoiceId], folder: Path, workers: int = 1
) -> Iterator[list[Path]]:
    """Writes ``<number>.pdf`` for each invoice; gives the files of each portion as it is done."""
    if not 1 <= workers <= WORKERS_MAX:
        raise PdfsRefused(f"from 1 to {WORKERS_MAX} workers can be had, not {workers}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PdfsRefused(f"cannot be made: {error.strerror}", where=str(folder)) from error
    portions = [
        (invoice_ids[first : first + INVOICES_PER_TASK], folder)
        for first in range(0, len(invoice_ids), INVOICES_PER_TASK)
    ]
    if workers == 1 or len(portions) == 1:
        yield from map(_write_portion, portions)
        return
    # A fork of a process that has set a page before would wait for threads it does not have.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=django.setup) as pool:
        yield from pool.map(_write_portion, portions)


def _write_portion(portion: tuple[Sequence[InvoiceId], Path]) -> list[Path]:
    invoice_ids, folder = portion
    return [
        _write(folder / f"{stored.invoice.number}.pdf", invoice_pdf(document_of(stored)))
        for stored in load_invoices(invoice_ids=invoice_ids)
    ]


def _write(path: Path, content: bytes) -> Path:
    """A reader finds the whole file or none."""
    partial = path.with_suffix(".part")
    partial.write_bytes(content)
    partial.replace(path)
    return path
