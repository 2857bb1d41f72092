"""One batch of a kind: judged and written as a whole, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError

from ossrep.customer.db import ALIAS, run, transaction
from ossrep.customer.domain import contract_life
from ossrep.customer.domain.cells import FieldRefused, shown
from ossrep.customer.domain.records import Column
from ossrep.customer.files.book_reading import BookRow
from ossrep.customer.files.lines import Fault
from ossrep.customer.usecases.import_book import judging, quarantine
from ossrep.customer.usecases.import_book.facts import FACTS, Written, trace_contracts
from ossrep.customer.usecases.import_book.products import Products
from ossrep.customer.usecases.import_book.quarantine import Refused
from ossrep.customer.usecases.import_book.staging import Candidate, Extras, Stage, take_ids
from ossrep.customer.usecases.import_book.tables import Table
from ossrep.customer.usecases.refusals import refusal_of
from ossrep.infra import outbox

EVENTS_PER_APPEND = 10_000


@dataclass(slots=True)
class Counts:
    """What became of the rows of a kind."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    def add(self, other: Counts) -> None:
        """Adds the counts of another batch."""
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.refused += other.refused

    @property
    def taken(self) -> int:
        """Rows that are now as the book says."""
        return self.created + self.changed + self.unchanged


@dataclass(slots=True)
class Batch:
    """Rows of one kind that bring the same columns, and what every batch of an import shares."""

    table: Table
    columns: Sequence[Column]
    run_id: int
    as_of: dt.date
    products: Products
    rows: list[BookRow] = field(default_factory=list)

    def with_rows(self, rows: Iterable[BookRow]) -> Batch:
        """The same batch with other rows."""
        return Batch(self.table, self.columns, self.run_id, self.as_of, self.products, list(rows))


def import_batch(batch: Batch) -> Counts:
    """Writes a batch with its events and refused rows, all or nothing.

    A row that the judges let pass and the database refuses is found by halving the batch.
    """
    candidates, refused = _clean(batch)
    try:
        with transaction():
            return _write(batch, candidates, refused)
    except IntegrityError as error:
        if len(batch.rows) == 1:
            found = refusal_of(error, where=None)
            return _refuse_one(batch, Fault(found.code, found.message))
    half = len(batch.rows) // 2
    counts = import_batch(batch.with_rows(batch.rows[:half]))
    counts.add(import_batch(batch.with_rows(batch.rows[half:])))
    return counts


def _refuse_one(batch: Batch, fault: Fault) -> Counts:
    with transaction():
        quarantine.keep(batch.run_id, [(batch.rows[0], fault)])
    return Counts(refused=1)


def _clean(batch: Batch) -> tuple[list[Candidate], list[Refused]]:
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    for row in batch.rows:
        if row.fault or row.record is None:
            refused.append((row, row.fault or Fault("unreadable", "the row cannot be read")))
            continue
        try:
            cells = batch.table.kind.clean(row.record, batch.columns)
        except FieldRefused as refusal:
            refused.append((row, Fault(refusal.code, f"{refusal.where} {refusal.message}")))
            continue
        candidates.append(Candidate(row, cells))
    for candidate in _resolve_products(batch, candidates):
        assert candidate.refusal is not None
        refused.append((candidate.row, candidate.refusal))
    return [c for c in candidates if c.refusal is None], refused


def _resolve_products(batch: Batch, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Puts ids in the place of brand and plan codes; gives the candidates it refused."""
    kind = batch.table.kind.name
    if kind == "account":
        for candidate in candidates:
            _put(candidate, "brand", batch.products.brand_id(candidate.cells["brand"]))
    if kind == "contract":
        open_numbers = [
            c.cells["contract_number"] for c in candidates if not c.cells.get("plan_version")
        ]
        kept = batch.products.kept_versions(open_numbers) if open_numbers else {}
        for candidate in candidates:
            code, version = candidate.cells["plan"], candidate.cells.get("plan_version")
            found = kept.get((candidate.cells["contract_number"], code))
            if found is None or version:
                number = int(version) if version else None
                found = batch.products.plan_version_id(code, number)
            _put(candidate, "plan", found)
    return [candidate for candidate in candidates if candidate.refusal]


def _put(candidate: Candidate, column: str, found: int | None) -> None:
    if found is None:
        code = shown(candidate.cells[column])
        version = candidate.cells.get("plan_version") if column == "plan" else ""
        named = f"{code} version {version}" if version else code
        candidate.refuse(f"{column}_unknown", f"{column} {named} is not known")
        return
    candidate.cells[column] = str(found)


def _write(batch: Batch, candidates: list[Candidate], refused: list[Refused]) -> Counts:
    counts = Counts(refused=len(refused))
    if candidates:
        stage = Stage(batch.table, batch.columns)
        written = _judge_and_store(batch, stage, candidates)
        good = [c.row for c in candidates if c.refusal is None]
        counts.created, counts.changed = len(written.created), len(written.changed)
        counts.unchanged = len(good) - counts.created - counts.changed
        counts.refused += len(candidates) - len(good)
        refused = [*refused, *((c.row, c.refusal) for c in candidates if c.refusal)]
        quarantine.close(batch.table.kind, good)
        _tell(batch, written)
    quarantine.keep(batch.run_id, refused)
    return counts


def _judge_and_store(batch: Batch, stage: Stage, candidates: list[Candidate]) -> Written:
    table = batch.table
    stage.fill(candidates)
    stage.look_up(candidates, judging.EXTRAS.get(table.kind.name, Extras()))
    new = [candidate for candidate in candidates if candidate.is_new]
    for candidate, new_id in zip(new, take_ids(table.name, len(new)), strict=True):
        candidate.id = new_id
    judging.judge_references(table, candidates)
    judging.judge_fixed(table, candidates)
    judge = judging.JUDGES.get(table.kind.name)
    if judge:
        judge(candidates, batch.products)
    taken = _without_refused(list(enumerate(candidates)))
    judging.judge_overlaps(table, candidates, stage.find_overlaps(taken))
    return _store(batch, stage, _without_refused(taken))


def _without_refused(numbered: list[tuple[int, Candidate]]) -> list[tuple[int, Candidate]]:
    return [(row_no, c) for row_no, c in numbered if c.refusal is None]


def _store(batch: Batch, stage: Stage, taken: list[tuple[int, Candidate]]) -> Written:
    created = [(row_no, c) for row_no, c in taken if c.is_new]
    changed = [(row_no, c) for row_no, c in taken if not c.is_new and c.changed]
    overlap = batch.table.overlap
    if overlap:
        run(f"SET CONSTRAINTS {', '.join(overlap.constraints)} DEFERRED")
    if changed:
        _step_over(batch, changed)
        stage.update(changed)
    if created:
        stage.insert(created)
    if overlap:
        run("SET CONSTRAINTS ALL IMMEDIATE")
    return Written([c for _, c in created], [c for _, c in changed], batch.as_of)


def _step_over(batch: Batch, changed: Sequence[tuple[int, Candidate]]) -> None:
    # A contract that began and ended between two books takes both steps of its life.
    if batch.table.kind.name != "contract":
        return
    ids = [
        c.id
        for _, c in changed
        if c.extras[0] == contract_life.PENDING and c.cells["status"] == contract_life.ENDED
    ]
    if ids:
        run("UPDATE contract SET status = 'active' WHERE id = ANY(%s)", [ids])


def _tell(batch: Batch, written: Written) -> None:
    if not written.all:
        return
    if batch.table.kind.name == "contract":
        trace_contracts(written)
    events = list(FACTS[batch.table.kind.name](written))
    for start in range(0, len(events), EVENTS_PER_APPEND):
        outbox.append_many(context=ALIAS, events=events[start : start + EVENTS_PER_APPEND])
