"""Imports a customer book (docs/formats/customer-book.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.db.models import QuerySet
from django.db.models.functions import Now

from ossrep.customer.db import rows, transaction
from ossrep.customer.domain.records import KINDS, Kind
from ossrep.customer.files.book_reading import BookFile, BookRow, open_book
from ossrep.customer.files.lines import Fault
from ossrep.customer.models import ImportRun, QuarantinedRow
from ossrep.customer.usecases.import_book import judging
from ossrep.customer.usecases.import_book.batches import Batch, Counts, import_batch
from ossrep.customer.usecases.import_book.products import Products
from ossrep.customer.usecases.import_book.tables import TABLES
from ossrep.infra.input_files import InputRefused
from ossrep.kernel.errors import DomainError

ROWS_PER_BATCH = 5_000
HEALING_ROUNDS_MAX = 6
_LOCK = "hashtext('customer.import_book')"

Advance = Callable[[int], None]


class ImportRunning(DomainError):
    """Another import of a book is under way."""

    code = "import_running"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: counts by kind, and files that could not be read to their end."""

    run_id: int
    counts: Mapping[str, Counts]
    broken_files: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        """Rows in quarantine."""
        return sum(counts.refused for counts in self.counts.values())


def import_book(
    *,
    paths: Sequence[Path],
    as_of: dt.date,
    advance: Advance = lambda _: None,
    rows_per_batch: int = ROWS_PER_BATCH,
) -> ImportResult:
    """Imports files, folders and archives of a book, in batches that commit one by one.

    Bad rows go into quarantine and the others on. Killed, it can simply be started again: what
    is there is left alone. ``advance`` is told of rows done. Raises BookRefused before anything
    is written, and ImportRunning.
    """
    files = open_book(paths=paths)
    with _alone():
        with transaction():
            import_run = ImportRun.objects.create(sources=[f.source.name for f in files])
        run = _Run(import_run.pk, as_of, rows_per_batch, advance)
        for kind in KINDS:
            run.take_kind(kind, files)
        _finish(import_run, run)
    return ImportResult(import_run.pk, run.counts, tuple(run.broken_files))


def retry_rows(*, quarantined: QuerySet[QuarantinedRow], as_of: dt.date) -> ImportResult:
    """Imports open rows of the quarantine again; those still refused stay with a new reason."""
    with _alone():
        with transaction():
            import_run = ImportRun.objects.create(sources=["quarantine"])
        run = _Run(import_run.pk, as_of, ROWS_PER_BATCH, lambda _: None)
        for kind in KINDS:
            waiting = quarantined.filter(kind=kind.name, state="open")
            run.counts[kind.name] = run.heal(waiting, kind)
        _finish(import_run, run)
    return ImportResult(import_run.pk, run.counts)


@contextmanager
def _alone() -> Iterator[None]:
    if not rows(f"SELECT pg_try_advisory_lock({_LOCK})")[0][0]:
        raise ImportRunning("another import is running; wait for its end")
    try:
        yield
    finally:
        rows(f"SELECT pg_advisory_unlock({_LOCK})")


def _finish(import_run: ImportRun, run: _Run) -> None:
    with transaction():
        ImportRun.objects.filter(pk=import_run.pk).update(
            finished_at=Now(),
            counts={name: asdict(counts) for name, counts in run.counts.items()},
            error="\n".join(run.broken_files),
        )


class _Run:
    """One import under way."""

    def __init__(self, run_id: int, as_of: dt.date, rows_per_batch: int, advance: Advance) -> None:
        self.run_id = run_id
        self.as_of = as_of
        self.rows_per_batch = rows_per_batch
        self.advance = advance
        self.products = Products()
        self.counts: dict[str, Counts] = {}
        self.broken_files: list[str] = []

    def take_kind(self, kind: Kind, files: Sequence[BookFile]) -> None:
        """Imports all rows of a kind, then tries those again that waited for others of it."""
        counts = self.counts.setdefault(kind.name, Counts())
        seen: dict[str, int] = {}
        for file in files:
            for batch in self._batches(kind, _once(self._readable(file, kind), seen)):
                counts.add(import_batch(batch))
                self.advance(len(batch.rows))
        waiting = QuarantinedRow.objects.filter(
            run_id=self.run_id,
            kind=kind.name,
            state="open",
            reason_code__in=judging.MAY_HEAL,
        )
        if counts.refused:
            healed = self.heal(waiting, kind)
            counts.created += healed.created
            counts.changed += healed.changed
            counts.unchanged += healed.unchanged
            counts.refused -= healed.taken

    def _readable(self, file: BookFile, kind: Kind) -> Iterator[BookRow]:
        try:
            yield from file.rows(kind)
        except InputRefused as refusal:
            if str(refusal) not in self.broken_files:
                self.broken_files.append(str(refusal))

    def heal(self, waiting: QuerySet[QuarantinedRow], kind: Kind) -> Counts:
        """Tries rows of the quarantine again, until a round takes none."""
        total = Counts()
        ids = list(waiting.order_by("pk").values_list("pk", flat=True))
        for _ in range(HEALING_ROUNDS_MAX):
            counts = Counts()
            for start in range(0, len(ids), self.rows_per_batch):
                part = QuarantinedRow.objects.filter(
                    pk__in=ids[start : start + self.rows_per_batch]
                )
                again = (_row(row) for row in part.filter(state="open").order_by("pk"))
                for batch in self._batches(kind, again):
                    counts.add(import_batch(batch))
            total.add(Counts(counts.created, counts.changed, counts.unchanged))
            total.refused = counts.refused
            if not counts.taken or not counts.refused:
                break
        return total

    def _batches(self, kind: Kind, found: Iterable[BookRow]) -> Iterator[Batch]:
        """Batches of rows that bring the same columns; what cannot be read goes with any."""
        open_batches: dict[tuple[str, ...], Batch] = {}
        for row in found:
            brought = tuple(row.record or ())
            batch = open_batches.get(brought)
            if batch is None:
                # A required column that is not brought shows as an empty cell.
                names = [n for n, c in kind.columns.items() if n in brought or c.is_required]
                columns = [kind.columns[name] for name in names]
                batch = Batch(TABLES[kind.name], columns, self.run_id, self.as_of, self.products)
                open_batches[brought] = batch
            batch.rows.append(row)
            if len(batch.rows) >= self.rows_per_batch:
                yield open_batches.pop(brought)
        yield from open_batches.values()


def _once(found: Iterable[BookRow], seen: dict[str, int]) -> Iterator[BookRow]:
    for row in found:
        number = row.kind.number_of(row.record) if row.record is not None else ""
        if number in seen:
            reason = f"{row.kind.name} {number} stands in this import already, at line"
            yield replace(row, fault=Fault("twice_in_book", f"{reason} {seen[number]}"))
        else:
            if number:
                seen[number] = row.line
            yield row


def _row(row: QuarantinedRow) -> BookRow:
    fault = Fault(row.reason_code, row.reason) if row.record is None else None
    kind = TABLES[row.kind].kind
    return BookRow(kind, row.file, row.line, row.raw, row.record, fault)


__all__ = ["ImportResult", "ImportRunning", "import_book", "retry_rows"]
