"""Writes what a batch of documents brought: rows by COPY, periods by one statement, then events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from ossrep.infra.outbox import append_many
from ossrep.market.db import connection
from ossrep.market.domain.matching import PeriodState
from ossrep.market.edi.errors import Fault
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument
from ossrep.market.models.payments import PAYABLE_PURPOSES
from ossrep.market.usecases.matching.asking import ask_about_faults
from ossrep.market.usecases.matching.comparing import compare_cancels
from ossrep.market.usecases.matching.settling import Change
from ossrep.market.usecases.matching.standalone import assign_standalone, keep_standalone
from ossrep.market.usecases.matching.telling import Documents, load_documents, tell_changes

_IDS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
_USAGE_FIELDS = (
    *("id", "inbound_set_id", "tdsp_code", "esi_id", "reference", "purpose"),
    *("original_reference", "order_reference", "document_date", "start_date", "end_date"),
    *("import_kwh", "export_kwh", "peak_kw", "demands", "is_estimated", "is_final", "refusal"),
    "received_at",
)
_INVOICE_FIELDS = (
    *("id", "inbound_set_id", "tdsp_code", "esi_id", "reference", "purpose"),
    *("original_reference", "usage_reference", "type", "is_standalone", "is_final"),
    *("document_date", "start_date", "end_date", "due_date", "rate_class", "total_usd"),
    *("lines", "refusal", "received_at"),
)
_OPEN = "INSERT INTO open_invoice (invoice_id) SELECT unnest(%s::bigint[])"
_JSON_FIELDS = frozenset({"demands", "lines"})
_PERIODS = """
    INSERT INTO matched_period AS p (tdsp_code, esi_id, start_date, end_date, state, reason,
                                     usage_id, invoice_id, changed_at)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::text[], %s::text[],
                         %s::bigint[], %s::bigint[], %s::timestamptz[])
    ON CONFLICT (esi_id, tdsp_code, start_date, end_date) DO UPDATE
    SET state = EXCLUDED.state, reason = EXCLUDED.reason, usage_id = EXCLUDED.usage_id,
        invoice_id = EXCLUDED.invoice_id, changed_at = EXCLUDED.changed_at
    RETURNING p.tdsp_code, p.esi_id, p.start_date, p.end_date, p.id
"""
_PERIOD_FIELDS = (
    *("tdsp_code", "esi_id", "start_date", "end_date", "state", "reason"),
    *("usage_id", "invoice_id", "changed_at"),
)

Row = UsageDocument | InvoiceDocument


@dataclass(slots=True)
class Brought:
    """What a batch is about to write: new documents, doubts about them, changes of periods."""

    rows: list[Row] = field(default_factory=list)
    doubts: list[tuple[Row, Sequence[Fault]]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def take_ids(*, model: type[Row], count: int) -> list[int]:
    """Ids for so many new documents."""
    with connection().cursor() as cursor:
        cursor.execute(_IDS, [model._meta.db_table, count])
        return [row[0] for row in cursor.fetchall()]


def keep(*, brought: Brought) -> None:
    """Writes and tells what a batch brought, in the caller's transaction."""
    usages = [row for row in brought.rows if isinstance(row, UsageDocument)]
    invoices = [row for row in brought.rows if isinstance(row, InvoiceDocument)]
    _copy("usage_document", _USAGE_FIELDS, usages)
    _copy("invoice_document", _INVOICE_FIELDS, invoices)
    _open(invoices)
    _write_periods([change.row for change in brought.changes])
    for row, faults in brought.doubts:
        ask_about_faults(row=row, faults=faults, now=row.received_at)
    compare_cancels(invoices=invoices)
    keep_standalone(invoices=[row for row in invoices if row.is_standalone])
    _give_standalone(brought.changes)
    fresh = Documents({row.pk: row for row in usages}, {row.pk: row for row in invoices})
    documents = load_documents(changes=brought.changes, fresh=fresh)
    events = list(tell_changes(changes=brought.changes, documents=documents))
    append_many(context="market", events=events)


def _give_standalone(changes: Sequence[Change]) -> None:
    matched = {c.row.pk: c.at for c in changes if c.after.state == PeriodState.MATCHED}
    if matched:
        assign_standalone(period_ids=sorted(matched), now=max(matched.values()))


def _copy(table: str, fields: Sequence[str], rows: Sequence[Row]) -> None:
    if not rows:
        return
    with (
        connection().cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(fields)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                [
                    json.dumps(getattr(row, name)) if name in _JSON_FIELDS else getattr(row, name)
                    for name in fields
                ]
            )


def _open(invoices: Sequence[InvoiceDocument]) -> None:
    """What is to be paid waits for it; a cancel waits to be netted."""
    waiting = [row.pk for row in invoices if not row.refusal and row.purpose in PAYABLE_PURPOSES]
    if waiting:
        with connection().cursor() as cursor:
            cursor.execute(_OPEN, [waiting])


def _write_periods(changed: Sequence[MatchedPeriod]) -> None:
    """Each row as it stands after its last change; gives new ones their ids."""
    rows = {(r.tdsp_code, r.esi_id, r.start_date, r.end_date): r for r in changed}
    if not rows:
        return
    columns = [[getattr(row, name) for row in rows.values()] for name in _PERIOD_FIELDS]
    with connection().cursor() as cursor:
        cursor.execute(_PERIODS, columns)
        for *key, period_id in cursor.fetchall():
            tdsp_code, esi_id, start, end = key
            rows[tdsp_code, esi_id, start, end].pk = period_id
