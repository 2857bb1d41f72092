"""Celery's way in: wake-ups for work that stands in the database; one may be lost or repeated."""

from __future__ import annotations

from celery import shared_task

from ossrep.billing.usecases.run_bills import InThisProcess, finish_run
from ossrep.billing.usecases.work_on_run import work_on_run
from ossrep.kernel.identifiers import BillRunId


@shared_task(name="billing.work_on_run")  # type: ignore[no-untyped-call,untyped-decorator]
def wake_worker(*, run_id: int) -> int:
    """Bills chunks of a run until none is free; gives the number done."""
    return work_on_run(run_id=BillRunId(run_id))


@shared_task(name="billing.finish_run")  # type: ignore[no-untyped-call,untyped-decorator]
def finish_planned_run(*, run_id: int) -> None:
    """Works on a planned run to its end."""
    finish_run(run_id=BillRunId(run_id), workers=InThisProcess())


def send_run(run_id: BillRunId) -> None:
    """Asks a Celery worker to finish a run; others may be woken to help."""
    finish_planned_run.apply_async(kwargs={"run_id": int(run_id)})


def send_wake_up(run_id: BillRunId) -> None:
    """Asks one Celery worker to look at a run."""
    wake_worker.apply_async(kwargs={"run_id": int(run_id)})
