"""How far a run has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from ossrep.billing.models import BillRun
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import BillRunId


class UnknownRun(DomainError):
    """No run has this number."""

    code = "unknown_run"


@dataclass(frozen=True, slots=True)
class RunStatus:
    """Totals of a run: accounts, kWh in Wh, dollars."""

    run_id: BillRunId
    kind: str
    read_cycle: str | None
    as_of: dt.date
    state: str
    chunks: int
    chunks_done: int
    planned: int
    billed: int
    held: int
    skipped: int
    lines: int
    import_wh: int
    charges_usd: Decimal
    tax_usd: Decimal
    created_at: dt.datetime
    finished_at: dt.datetime | None


RUN_SUMS = {
    name: Sum(f"chunks__{name}", default=0)
    for name in (
        "planned",
        "billed",
        "held",
        "skipped",
        "lines",
        "import_wh",
        "charges_usd",
        "tax_usd",
    )
}


def list_runs(*, limit: int) -> Sequence[RunStatus]:
    """The last runs, newest first; one query."""
    return _statuses(Q(), limit=limit)


def get_run_status(*, run_id: int) -> RunStatus:
    """One run; raises UnknownRun."""
    found = _statuses(Q(pk=run_id), limit=1)
    if not found:
        raise UnknownRun("no such run; see `bill status`", where=f"run {run_id}")
    return found[0]


def _statuses(condition: Q, *, limit: int) -> list[RunStatus]:
    runs = (
        BillRun.objects.filter(condition)
        .annotate(
            **{f"sum_{name}": value for name, value in RUN_SUMS.items()},
            chunks_all=Count("chunks"),
            chunks_done=Count("chunks", filter=Q(chunks__is_done=True)),
        )
        .order_by("-pk")[:limit]
    )
    return [
        RunStatus(
            run_id=BillRunId(run.pk),
            kind=run.kind,
            read_cycle=run.read_cycle,
            as_of=run.as_of,
            state=run.state,
            chunks=run.chunks_all,
            chunks_done=run.chunks_done,
            created_at=run.created_at,
            finished_at=run.finished_at,
            **{name: getattr(run, f"sum_{name}") for name in RUN_SUMS},
        )
        for run in runs
    ]
