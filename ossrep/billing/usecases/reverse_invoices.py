"""Undoing invoices by mirrored transfers; nothing is deleted, and the days can be billed again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.billing.db import ALIAS, connection, transaction
from ossrep.billing.models import BillRun, Invoice, RunKind, RunState
from ossrep.billing.queries import account_history
from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, BillRunId
from ossrep.published.billing import InvoiceReversed

INVOICES_PER_CHUNK = 500
LATER_SHOWN_MAX = 5


class UnknownTarget(DomainError):
    """No invoice or bill run has this number."""

    code = "unknown_target"


class AlreadyReversed(DomainError):
    """Nothing of the target is live any more."""

    code = "already_reversed"


class LaterBillsExist(DomainError):
    """A later bill builds on this one's reads and bank; it has to go first."""

    code = "later_bills_exist"


class ReasonMissing(DomainError):
    """A reversal without a reason."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalOrder:
    """What is to be undone: a whole run or one invoice, why, and the date its transfers bear."""

    run_id: int | None = None
    invoice_number: str | None = None
    reason: str
    effective_date: dt.date
    requested_by: str = ""

    @property
    def parameters(self) -> dict[str, object]:
        """What makes two orders the same."""
        return {
            "kind": RunKind.REVERSE.value,
            "run": self.run_id,
            "invoice": self.invoice_number,
            "effective_date": self.effective_date.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ReversalResult:
    """The run that did it, and how many invoices it reversed now."""

    run_id: BillRunId
    invoices: int


def reverse_invoices(
    *, order: ReversalOrder, report: Callable[[int], None] = lambda _: None
) -> ReversalResult:
    """Reverses every live invoice of the target, newest first, a transaction for each chunk.

    Interrupted at any moment, the same order again reverses the rest. Raises UnknownTarget,
    AlreadyReversed, LaterBillsExist, ReasonMissing; then nothing was changed.
    """
    if not order.reason.strip():
        raise ReasonMissing("say why: a reversal is kept with its reason")
    run = _open_run(order)
    done = 0
    while True:
        count = _reverse_chunk(run, order)
        if count == 0:
            break
        done += count
        report(count)
    _finish(run)
    return ReversalResult(run_id=BillRunId(run.pk), invoices=done)


def _open_run(order: ReversalOrder) -> BillRun:
    text = json.dumps(order.parameters, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    with transaction():
        joined = BillRun.objects.filter(parameters_hash=key, state=RunState.OPEN).first()
        if joined is not None:
            return joined
        _check_target(order)
        return BillRun.objects.create(
            kind=RunKind.REVERSE,
            as_of=order.effective_date,
            issue_date=order.effective_date,
            parameters=order.parameters,
            parameters_hash=key,
            requested_by=order.requested_by,
            reason=order.reason,
        )


def _check_target(order: ReversalOrder) -> None:
    invoices = Invoice.objects.filter(**_target(order))
    where = f"invoice {order.invoice_number}" if order.invoice_number else f"run {order.run_id}"
    if not invoices.exists():
        raise UnknownTarget("nothing was issued under this number", where=where)
    live = list(_live_ids(order, limit=None))
    if not live:
        raise AlreadyReversed("every invoice of it is reversed already", where=where)
    later = _later_bills(live)
    if later:
        shown = ", ".join(later[:LATER_SHOWN_MAX])
        raise LaterBillsExist(
            f"{len(later)} later invoices build on it: reverse them first ({shown})", where=where
        )


def _target(order: ReversalOrder) -> dict[str, Any]:
    if order.invoice_number is not None:
        return {"number": order.invoice_number}
    return {"run_id": order.run_id}


_LIVE = """
    SELECT i.id FROM invoice i
    WHERE (i.number = %(number)s OR i.run_id = %(run)s)
      AND NOT EXISTS (SELECT 1 FROM reversal r WHERE r.invoice_id = i.id)
    ORDER BY i.id DESC LIMIT %(limit)s
"""


def _live_ids(order: ReversalOrder, *, limit: int | None) -> list[int]:
    names: dict[str, Any] = {
        "number": order.invoice_number,
        "run": order.run_id,
        "limit": limit,
    }
    with connection().cursor() as cursor:
        cursor.execute(_LIVE, names)
        return [row[0] for row in cursor.fetchall()]


_LATER = """
    SELECT DISTINCT i.number FROM charge c
    JOIN charge n ON n.account_id = c.account_id AND n.esi_id = c.esi_id
      AND n.reversal_id IS NULL AND n.period_start >= c.period_end
    JOIN invoice i ON i.id = n.invoice_id
    WHERE c.invoice_id = ANY(%(ids)s) AND NOT n.invoice_id = ANY(%(ids)s)
    ORDER BY i.number
"""


def _later_bills(invoice_ids: Sequence[int]) -> list[str]:
    with connection().cursor() as cursor:
        cursor.execute(_LATER, {"ids": list(invoice_ids)})
        return [row[0] for row in cursor.fetchall()]


_INSERT_REVERSALS = """
    INSERT INTO reversal (invoice_id, account_id, run_id, reason, requested_by, effective_date)
    SELECT i.id, i.account_id, %(run)s, %(reason)s, %(by)s, %(date)s
    FROM invoice i WHERE i.id = ANY(%(ids)s) ORDER BY i.id
    ON CONFLICT (invoice_id) DO NOTHING RETURNING invoice_id
"""

_MIRROR = """
    INSERT INTO transfer (account_id, debit_id, credit_id, amount_usd, kind, source_kind,
                          source_id, source_leg, brand_id, effective_date, reverses_id)
    SELECT t.account_id, t.credit_id, t.debit_id, t.amount_usd, 5, 4, r.id, t.source_leg,
           t.brand_id, r.effective_date, t.id
    FROM reversal r JOIN transfer t ON t.source_kind = 1 AND t.source_id = r.invoice_id
    WHERE r.invoice_id = ANY(%(ids)s) ORDER BY t.id
"""

_COUNT_CHUNK = """
    INSERT INTO bill_run_chunk (run_id, chunk_no, wave, planned, is_done, billed, held, skipped,
                                lines, import_wh, charges_usd, tax_usd, done_at)
    SELECT %(run)s, 1 + coalesce((SELECT max(chunk_no) FROM bill_run_chunk
                                  WHERE run_id = %(run)s), 0),
           1, count(*), true, count(*), 0, 0, coalesce(sum(line_count), 0),
           coalesce(-sum(import_wh), 0), coalesce(-sum(retailer_usd + delivery_usd), 0),
           coalesce(-sum(tax_usd), 0), now()
    FROM invoice WHERE id = ANY(%(ids)s)
"""


def _reverse_chunk(run: BillRun, order: ReversalOrder) -> int:
    with transaction(), connection().cursor() as cursor:
        # One reversal at a time works on a run, so that its chunks get numbers of their own.
        cursor.execute("SELECT 1 FROM bill_run WHERE id = %s FOR UPDATE", [run.pk])
        wanted = _live_ids(order, limit=INVOICES_PER_CHUNK)
        if not wanted:
            return 0
        owners = Invoice.objects.filter(pk__in=wanted).values_list("account_id", flat=True)
        account_ids = [AccountId(account_id) for account_id in sorted(set(owners))]
        account_history.lock_receivables(account_ids=account_ids)
        later = _later_bills(wanted)
        if later:
            raise LaterBillsExist(
                f"invoice {later[0]} came in the meantime and builds on one of these: "
                "reverse it first, then give this order again",
                where=f"run {run.pk}",
            )
        cursor.execute(
            _INSERT_REVERSALS,
            {
                "run": run.pk,
                "reason": order.reason,
                "by": order.requested_by,
                "date": order.effective_date,
                "ids": wanted,
            },
        )
        reversed_ids: list[int] = [row[0] for row in cursor.fetchall()]
        names: dict[str, Any] = {"run": run.pk, "ids": reversed_ids}
        cursor.execute("SELECT reverse_charges(%(ids)s::bigint[])", names)
        cursor.execute(_MIRROR, names)
        cursor.execute(
            "UPDATE bill_run_item SET state = 'reversed', is_live = false WHERE id = ANY(%(ids)s)",
            names,
        )
        cursor.execute(_COUNT_CHUNK, names)
        outbox.append_many(context=ALIAS, events=_events(reversed_ids, order.reason))
        return len(wanted)


def _events(invoice_ids: Sequence[int], reason: str) -> list[InvoiceReversed]:
    return [
        InvoiceReversed(
            account_id=invoice.account_id,
            account_number=invoice.account_number,
            invoice_number=invoice.number,
            reason=reason,
            amount_usd=str(invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd),
        )
        for invoice in Invoice.objects.filter(pk__in=invoice_ids).order_by("-pk")
    ]


def _finish(run: BillRun) -> None:
    with transaction(), connection().cursor() as cursor:
        cursor.execute(
            "UPDATE bill_run SET state = 'finished', finished_at = now() "
            "WHERE id = %s AND state = 'open'",
            [run.pk],
        )
