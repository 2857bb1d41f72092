"""Loads market prices from ERCOT's settlement point price files and from daily index files."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ossrep.infra.input_files import InputRefused, InputSource, find_inputs
from ossrep.product.db import connection, transaction
from ossrep.product.domain.price_batch import PriceBatch
from ossrep.product.domain.price_rows import (
    COLUMNS,
    ERCOT_PREFIX,
    Layout,
    PriceRowRefused,
    layout_of,
    parse_row,
)
from ossrep.product.models import RefusedPriceRow
from ossrep.product.usecases.store_prices import store_prices

REFUSED_ROWS_MAX = 10_000
DAYS_PER_WRITE = 50_000
ROWS_PER_PROGRESS = 10_000
RAW_ROW_CHARS_MAX = 2_000

Progress = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class PriceFileOutcome:
    """What became of one file; ``refusal`` is set where the whole file was refused."""

    name: str
    rows: int = 0
    added: int = 0
    same: int = 0
    corrected: int = 0
    skipped: int = 0
    refused: int = 0
    refusal: str = ""


@dataclass(slots=True)
class _Work:
    """One file under way."""

    source: InputSource
    layout: Layout
    points: Collection[str]
    outcome: PriceFileOutcome
    batch: PriceBatch = field(default_factory=PriceBatch)
    refused: list[RefusedPriceRow] = field(default_factory=list)


def import_prices(
    *,
    paths: Sequence[Path],
    points: Collection[str] = (),
    progress: Progress = lambda count: None,
) -> Iterator[PriceFileOutcome]:
    """Loads every price file of the paths (files, folders, gz, zip), one transaction each.

    Bad rows are kept in quarantine with file, line and reason, the good ones load. A row that is
    stored already changes nothing; another price for a stored interval replaces it and the old
    one is kept. ``points`` limits ERCOT's rows to those settlement points. ``progress`` is
    called with counts of rows.
    """
    for source in find_inputs(paths=paths, suffixes=[".csv"]):
        outcome = PriceFileOutcome(name=source.name)
        try:
            with transaction():
                _import_file(source, points, outcome, progress)
        except InputRefused as refusal:
            outcome = PriceFileOutcome(name=source.name, refusal=str(refusal))
        yield outcome


def _import_file(
    source: InputSource, points: Collection[str], outcome: PriceFileOutcome, progress: Progress
) -> None:
    lock_prices()
    lines = source.lines()
    layout = _layout(source, lines)
    work = _Work(source=source, layout=layout, points=set(points), outcome=outcome)
    for number, line in lines:
        if not line.strip():
            continue
        outcome.rows += 1
        _take_line(work, number, line)
        if len(work.batch) >= DAYS_PER_WRITE:
            _write(work)
        if outcome.rows % ROWS_PER_PROGRESS == 0:
            progress(ROWS_PER_PROGRESS)
    _write(work)
    RefusedPriceRow.objects.bulk_create(work.refused, ignore_conflicts=True, batch_size=1000)
    progress(outcome.rows % ROWS_PER_PROGRESS)


def lock_prices() -> None:
    """Lets one import of prices run at a time, until the transaction ends."""
    with connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('product.prices'))")


def _layout(source: InputSource, lines: Iterator[tuple[int, str]]) -> Layout:
    _, header = next(lines, (1, ""))
    layout = layout_of(split_row(header))
    if layout is None:
        known = " or ".join(",".join(columns) for columns in COLUMNS.values())
        raise source.refusal(f"the first line must be {known}", 1)
    return layout


def split_row(line: str) -> list[str]:
    """The fields of one CSV line."""
    return next(csv.reader([line]), []) if '"' in line else line.split(",")


def _take_line(work: _Work, number: int, line: str) -> None:
    try:
        point = parse_row(layout=work.layout, fields=split_row(line))
        if work.points and point.series.removeprefix(ERCOT_PREFIX) not in work.points:
            work.outcome.skipped += 1
            return
        work.batch.put(point)
    except (PriceRowRefused, csv.Error) as refusal:
        work.outcome.refused += 1
        if work.outcome.refused > REFUSED_ROWS_MAX:
            raise work.source.refusal(
                f"more than {REFUSED_ROWS_MAX} rows do not fit, nothing of the file is loaded",
                number,
            ) from refusal
        work.refused.append(_refused_row(work, number, line, refusal))


def _refused_row(work: _Work, number: int, line: str, refusal: Exception) -> RefusedPriceRow:
    reason = refusal.reason if isinstance(refusal, PriceRowRefused) else "csv"
    return RefusedPriceRow(
        file_name=work.source.short_name,
        line=number,
        raw_row=line[:RAW_ROW_CHARS_MAX],
        raw_sha256=hashlib.sha256(line.encode()).hexdigest(),
        layout=work.layout,
        reason_code=reason,
        message=str(refusal)[:300],
    )


def _write(work: _Work) -> None:
    stored = store_prices(batch=work.batch, source_name=work.source.short_name)
    work.outcome.added += stored.added
    work.outcome.same += stored.same
    work.outcome.corrected += stored.corrected
