"""Step 2: a worker takes chunk after chunk. The claim is a row lock held to the commit.

A worker that dies loses its locks and its transaction with them, so its chunk is as it was
before and the next worker takes it. Nothing else needs to know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import DatabaseError, InterfaceError

from ossrep.billing.db import connection, transaction
from ossrep.billing.usecases.batch import ChunkOutcome, DueContract, DueItem, RunFacts
from ossrep.billing.usecases.bill_items import Desk, bill_items, is_transient
from ossrep.infra.remote.errors import ServiceUnavailable
from ossrep.kernel.identifiers import BillRunId

log = logging.getLogger(__name__)

TRIES_MAX = 5
IDLE_SECONDS_MAX = 300
"""A worker that stands still this long within a chunk loses it: the server ends its session."""

_CLAIM = """
    SELECT c.chunk_id, c.chunk_no, r.as_of, r.issue_date
    FROM claim_chunk(%(run)s) c JOIN bill_run r ON r.id = %(run)s
"""

_ITEMS = """
    SELECT id, account_id, kind, period_start, period_end, number, first_contract_id,
           has_several, CASE WHEN has_several THEN contract_ids END,
           CASE WHEN has_several THEN starts END, CASE WHEN has_several THEN ends END
    FROM bill_run_item, LATERAL (SELECT cardinality(contract_ids) > 1 AS has_several) c
    WHERE run_id = %s AND chunk_no = %s AND state = 'planned'
    ORDER BY id
"""
"""Most items have one contract for the item's own dates; arrays cost more than all the rest."""

_DONE = """
    UPDATE bill_run_chunk SET is_done = true, billed = %s, held = %s, skipped = %s, lines = %s,
           import_wh = %s, charges_usd = %s, tax_usd = %s,
           started_at = now(), done_at = clock_timestamp()
    WHERE id = %s
"""

OnChunk = Callable[[ChunkOutcome], None]


def work_on_run(
    *, run_id: BillRunId, on_chunk: OnChunk | None = None, idle_seconds: int = IDLE_SECONDS_MAX
) -> int:
    """Bills chunk after chunk until none is free; gives the number done.

    Any number of workers may do so at once, in any number of processes. Raises the
    error when a chunk fails ``TRIES_MAX`` times by errors that should heal.
    """
    desk = Desk()
    done = tries = 0
    while True:
        try:
            outcome = _next_chunk(run_id, desk, idle_seconds)
        except (DatabaseError, InterfaceError, psycopg.Error, ServiceUnavailable) as error:
            tries += 1
            desk.registers.forget()
            if not is_transient(error) or tries >= TRIES_MAX:
                raise
            log.warning("chunk of run %s is tried again: %s", run_id, error)
            connection().close()
            continue
        if outcome is None:
            return done
        done += 1
        tries = 0
        if on_chunk is not None:
            on_chunk(outcome)


def _next_chunk(run_id: BillRunId, desk: Desk, idle_seconds: int) -> ChunkOutcome | None:
    with transaction(), connection().cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{int(idle_seconds)}s'")
        cursor.execute(_CLAIM, {"run": run_id})
        claimed = cursor.fetchone()
        if claimed is None:
            return None
        chunk_id, chunk_no, as_of, issue_date = claimed
        cursor.execute(_ITEMS, [run_id, chunk_no])
        items = [_due_item(row) for row in cursor.fetchall()]
        outcome = ChunkOutcome()
        if items:
            run = RunFacts(run_id=run_id, as_of=as_of, issue_date=issue_date)
            outcome = bill_items(run=run, items=items, desk=desk)
        cursor.execute(
            _DONE,
            [
                outcome.billed,
                outcome.held,
                outcome.skipped,
                outcome.lines,
                outcome.import_wh,
                outcome.charges_usd,
                outcome.tax_usd,
                chunk_id,
            ],
        )
        return outcome


def _due_item(row: tuple[Any, ...]) -> DueItem:
    item_id, account_id, kind, start, end, number, contract_id, has_several, *several = row
    contracts = zip(*several, strict=True) if has_several else ((contract_id, start, end),)
    return DueItem(
        item_id=item_id,
        account_id=account_id,
        kind=kind,
        period_start=start,
        period_end=end,
        number=number,
        contracts=tuple([DueContract(*contract) for contract in contracts]),
    )
