"""Loads the TDSPs' delivery tariffs from YAML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ossrep.infra import services
from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.product.db import connection, transaction
from ossrep.product.domain.fields import InvalidFile, Problem
from ossrep.product.domain.tariff_changes import (
    SeriesChanges,
    StoredRow,
    plan_additions,
    plan_correction,
)
from ossrep.product.domain.tariff_file import SeriesKey, TariffEntry, read_tariff_file
from ossrep.product.models import TariffRow, TariffSeries
from ossrep.product.queries.tariffs import tariff_row_document
from ossrep.published.market import MarketService
from ossrep.rating import parse_tariff_rows


class CorrectionNeedsReason(DomainError):
    """Stored rates are about to be replaced and nobody says why."""

    code = "correction_needs_reason"


@dataclass(slots=True)
class TariffsImported:
    """Counts of rows of one file."""

    added: int = 0
    ended: int = 0
    corrected: int = 0
    removed: int = 0
    same: int = 0


def import_tariffs(*, path: Path, correct: bool = False, reason: str = "") -> TariffsImported:
    """Loads one file, all or nothing: half a tariff would bill too little and nobody would see.

    The same rows change nothing; an open row may get its end; a row that contradicts a stored
    one is refused with its line (``InvalidFile``). With ``correct`` the stored rows of every
    charge in the file become those of the file, and history keeps the old ones with ``reason``.
    """
    if correct and not reason:
        raise CorrectionNeedsReason("a correction needs --reason: it changes rates of the past")
    file = read_yaml(path=path)
    problems: list[Problem] = []
    known = {tdsp.code for tdsp in services.resolve(MarketService).list_tdsps()}
    entries = read_tariff_file(data=file.data, known_tdsps=known, problems=problems)
    if problems:
        raise InvalidFile(problems, locate=file.where, line_of=file.line_of)
    total = TariffsImported()
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('product.tariffs'))")
        for key, group in groupby(sorted(entries, key=_order), key=lambda entry: entry.key):
            _take_series(key, list(group), correct, problems, total)
        if problems:
            raise InvalidFile(problems, locate=file.where, line_of=file.line_of)
    return total


def _order(entry: TariffEntry) -> tuple[str, str, str, int]:
    key = entry.key
    return (key.tdsp_code, key.rate_class, key.charge_code, entry.position)


def _take_series(
    key: SeriesKey,
    entries: list[TariffEntry],
    correct: bool,
    problems: list[Problem],
    total: TariffsImported,
) -> None:
    series, _ = TariffSeries.objects.get_or_create(
        tdsp_code=key.tdsp_code, rate_class=key.rate_class, charge_code=key.charge_code
    )
    stored = _stored_rows(series)
    if correct:
        changes = plan_correction(stored=stored, entries=entries)
    else:
        changes = plan_additions(stored=stored, entries=entries, problems=problems)
    if not problems:
        _write(series, changes)
    total.added += len(changes.inserts)
    total.ended += len(changes.closings)
    total.corrected += len(changes.updates)
    total.removed += len(changes.deletes)
    total.same += changes.same


def _stored_rows(series: TariffSeries) -> list[StoredRow]:
    rows = list(series.rows.select_related("series").order_by("from_date"))
    parsed = parse_tariff_rows([tariff_row_document(row) for row in rows])
    return [
        StoredRow(row.pk, meaning, row.position, row.source, row.confidence)
        for row, meaning in zip(rows, parsed, strict=True)
    ]


def _write(series: TariffSeries, changes: SeriesChanges) -> None:
    TariffRow.objects.filter(pk__in=[stored.row_id for stored in changes.deletes]).delete()
    # Ends and starts may move over each other: what shrinks is written before what grows.
    for stored, entry in sorted([*changes.closings, *changes.updates], key=_shrinks_first):
        row = TariffRow.objects.get(pk=stored.row_id)
        _fill(row, entry)
        row.save()
    for entry in changes.inserts:
        row = TariffRow(series=series)
        _fill(row, entry)
        row.save()


def _shrinks_first(pair: tuple[StoredRow, TariffEntry]) -> bool:
    before, after = pair[0].row.to_date, pair[1].row.to_date
    return after is None or (before is not None and after > before)


def _fill(row: TariffRow, entry: TariffEntry) -> None:
    meaning = entry.row
    row.label = meaning.label
    row.unit = meaning.unit.value
    row.rate_usd = meaning.rate_usd
    row.from_date = meaning.from_date
    row.to_date = meaning.to_date
    row.proration = meaning.proration.value
    row.ratchet_percent = meaning.demand.ratchet_percent
    row.round_kw_decimals = meaning.demand.round_kw_decimals
    row.taxes = None if meaning.taxes is None else _sorted_texts(meaning.taxes)
    row.position = entry.position
    row.source = entry.source
    row.confidence = entry.confidence


def _sorted_texts(values: Iterable[object]) -> list[str]:
    return sorted(str(value) for value in values)
