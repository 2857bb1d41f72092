"""A whole bill run: plan, workers until nothing is left, the next wave, the end."""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from typing import Protocol

from django.db import connections

from ossrep.billing.queries.run_status import RunStatus, get_run_status
from ossrep.billing.usecases.plan_run import RunOrder, finish_wave, plan_run
from ossrep.billing.usecases.work_on_run import work_on_run
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import BillRunId

log = logging.getLogger(__name__)

WORKERS_MAX = 64
RESTARTS_PER_WORKER_MAX = 3
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_BETWEEN_REPORTS = 0.5
OBJECTS_BETWEEN_COLLECTIONS = 100_000
BYTES_OF_ONE_ARRAY_MAX = 32 * 2**20
BYTES_KEPT_MAX = 64 * 2**20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
SECONDS_BEFORE_WAKING_AGAIN = 60
SECONDS_WITHOUT_PROGRESS_MAX = 600

Report = Callable[[RunStatus], None]


class WorkersFailed(DomainError):
    """Workers died more often than they were started again; the run stays open."""

    code = "workers_failed"


class Workers(Protocol):
    """How the chunks of a wave get done: in this process, in others, by Celery."""

    def finish_chunks(self, *, run_id: BillRunId, report: Report) -> None:
        """Returns when no chunk of the run is left to do; raises WorkersFailed."""
        ...


def run_bills(*, order: RunOrder, workers: Workers, report: Report = lambda _: None) -> RunStatus:
    """Runs an order to its end, or joins and finishes the open run of the same order.

    ``report`` gets the run's totals now and then. Interrupted at any moment, the same order
    again goes on where it stood.
    """
    run_id = plan_run(order=order)
    report(get_run_status(run_id=run_id))
    return finish_run(run_id=run_id, workers=workers, report=report)


def finish_run(
    *, run_id: BillRunId, workers: Workers, report: Report = lambda _: None
) -> RunStatus:
    """Works on a planned run, wave after wave, to its end; beside others who do so, too."""
    while True:
        workers.finish_chunks(run_id=run_id, report=report)
        finished = finish_wave(run_id=run_id)
        status = get_run_status(run_id=run_id)
        report(status)
        if finished:
            return status


class InThisProcess:
    """One worker, here."""

    def finish_chunks(self, *, run_id: BillRunId, report: Report) -> None:
        """Waits for chunks that others have claimed."""
        while True:
            work_on_run(run_id=run_id, on_chunk=lambda _: report(get_run_status(run_id=run_id)))
            if _is_done(get_run_status(run_id=run_id)):
                return
            time.sleep(SECONDS_BETWEEN_LOOKS)


class LocalProcesses:
    """``count`` forks of this process; one that dies is started again, a few times."""

    def __init__(self, count: int) -> None:
        if not 1 <= count <= WORKERS_MAX:
            raise WorkersFailed(f"from 1 to {WORKERS_MAX} workers can be had, not {count}")
        self._count = count

    def finish_chunks(self, *, run_id: BillRunId, report: Report) -> None:
        """A dead worker's chunk is taken by the next; the parent only watches."""
        connections.close_all()
        crew = [_start(run_id) for _ in range(self._count)]
        restarts = self._count * RESTARTS_PER_WORKER_MAX
        try:
            while True:
                status = get_run_status(run_id=run_id)
                report(status)
                dead = [worker for worker in crew if worker.exitcode not in (None, 0)]
                crew = [worker for worker in crew if worker.exitcode is None]
                if _is_done(status) and not crew:
                    return
                if not _is_done(status) and (dead or not crew):
                    restarts -= max(len(dead), 1)
                    if restarts < 0:
                        raise _too_many(run_id, dead)
                    crew += [_start(run_id) for _ in range(max(len(dead), 1))]
                # Wakes at once when a worker ends; looking more often takes time from the others.
                wait([worker.sentinel for worker in crew], timeout=SECONDS_BETWEEN_REPORTS)
        finally:
            _stop(crew)


class WokenWorkers:
    """Workers elsewhere, woken by a message each; they find their work in the database.

    A message may be lost, late or delivered twice: without progress the workers are woken again.
    """

    def __init__(
        self,
        *,
        count: int,
        wake: Callable[[BillRunId], None],
        patience_seconds: float = SECONDS_WITHOUT_PROGRESS_MAX,
    ) -> None:
        self._count = count
        self._wake = wake
        self._patience_seconds = patience_seconds

    def finish_chunks(self, *, run_id: BillRunId, report: Report) -> None:
        """Watches the run; raises WorkersFailed when nobody has moved it for a long time."""
        done, since = -1, time.monotonic()
        woken = 0
        while True:
            status = get_run_status(run_id=run_id)
            report(status)
            if _is_done(status):
                return
            if status.chunks_done != done:
                done, since, woken = status.chunks_done, time.monotonic(), 0
            still = time.monotonic() - since
            if still > self._patience_seconds:
                raise WorkersFailed(
                    f"no worker has moved the run for {self._patience_seconds:.0f} seconds: see "
                    "that Celery workers run, and give the same order again",
                    where=f"run {run_id}",
                )
            if still >= woken * SECONDS_BEFORE_WAKING_AGAIN:
                woken += 1
                for _ in range(self._count):
                    self._wake(run_id)
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _is_done(status: RunStatus) -> bool:
    return status.chunks_done == status.chunks


def _start(run_id: BillRunId) -> ForkProcess:
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(run_id,))
    worker.start()
    return worker


def _work(run_id: BillRunId) -> None:
    """A worker's whole life; it ends with its parent's terminal, without the parent's clean-up."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A chunk makes objects by the ten thousand and no cycles; what was there before stays anyway.
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    _keep_freed_memory()
    try:
        work_on_run(run_id=run_id)
    except Exception:
        log.exception("a worker of run %s failed", run_id)
        sys.stderr.flush()
        os._exit(1)
    connections.close_all()
    os._exit(0)


def _keep_freed_memory() -> None:
    """Each chunk needs the same megabytes again; to take them anew from the system costs time.

    The two options of the GNU C library (mallopt(3)); other systems have other ways or none.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_M_MMAP_THRESHOLD, BYTES_OF_ONE_ARRAY_MAX)
    mallopt(_M_TRIM_THRESHOLD, BYTES_KEPT_MAX)


def _stop(crew: list[ForkProcess]) -> None:
    for worker in crew:
        worker.terminate()
    for worker in crew:
        worker.join()


def _too_many(run_id: BillRunId, dead: list[ForkProcess]) -> WorkersFailed:
    codes = ", ".join(str(worker.exitcode) for worker in dead)
    return WorkersFailed(
        f"workers keep failing (last exit status: {codes or 'none'}); see the log above, mend the "
        "cause, and give the same order again: it goes on where it stands",
        where=f"run {run_id}",
    )
