"""Many interval files by several processes."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from django.db import connections

from ossrep.infra.input_files import InputSource, find_inputs
from ossrep.kernel.errors import DomainError
from ossrep.meter.db import connection, transaction
from ossrep.meter.models import Intake
from ossrep.meter.usecases.import_file import (
    REFUSALS_PER_FILE_MAX,
    FileProgress,
    FileReport,
    OnProgress,
    import_file,
)
from ossrep.meter.usecases.load_rulebook import load_rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.meter.usecases.store_days import Desk

SUFFIXES = (".csv", ".lse")
FILES_MAX = 100_000
_SECONDS_BETWEEN_LOOKS = 0.2


class NothingToImport(DomainError):
    """No file that could hold interval data."""

    code = "nothing_to_import"


class FilesNotRead(DomainError):
    """Files that were not read to their end; what could be read of them is stored."""

    code = "files_not_read"


class ImportBroken(DomainError):
    """A worker process died; what it had stored stays, the import can be run again."""

    code = "import_broken"


def import_files(
    *,
    paths: Sequence[Path],
    received_at: dt.datetime,
    workers: int,
    on_progress: OnProgress,
    on_report: Callable[[FileReport], None],
    refused_max: int = REFUSALS_PER_FILE_MAX,
) -> None:
    """Imports files, folders and archives; one report for each file, as it is done.

    With more than one worker the files are shared out among processes. An import that was broken
    off can be run again: what is stored already stays as it is.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise NothingToImport("there is no such file or folder", where=str(missing[0]))
    sources = list(find_inputs(paths=paths, suffixes=SUFFIXES))
    if not sources or len(sources) > FILES_MAX:
        raise NothingToImport(
            f"{len(sources)} files with .csv or .lse found (also packed as .gz or .zip); "
            f"give 1 to {FILES_MAX}",
            where=", ".join(str(path) for path in paths),
        )
    jobs = _register(sources, received_at, refused_max)
    if workers <= 1 or len(jobs) == 1:
        desk = _desk()
        for job in jobs:
            on_report(job.run(desk, on_progress))
    else:
        _share_out(jobs, min(workers, len(jobs)), on_progress, on_report)


@dataclass(frozen=True, slots=True)
class _Job:
    source: InputSource
    intake_id: int
    received_at: dt.datetime
    refused_max: int

    def run(self, desk: Desk, on_progress: OnProgress) -> FileReport:
        return import_file(
            source=self.source,
            intake_id=self.intake_id,
            received_at=self.received_at,
            desk=desk,
            on_progress=on_progress,
            refused_max=self.refused_max,
        )


def _register(
    sources: Sequence[InputSource], received_at: dt.datetime, refused_max: int
) -> list[_Job]:
    # Before any file is read, so that of two equal revisions the later file is known.
    with transaction():
        intakes = Intake.objects.bulk_create(
            Intake(kind="unknown", name=source.name, received_at=received_at) for source in sources
        )
    return [
        _Job(source, intake.pk, received_at, refused_max)
        for source, intake in zip(sources, intakes, strict=True)
    ]


def _desk() -> Desk:
    return Desk(MeterPointRegistry(), load_rulebook())


@dataclass(slots=True)
class _Worker:
    """What a forked process finds in its memory: sources cannot be sent to it."""

    jobs: Sequence[_Job]
    progress: Queue[FileProgress]
    desk: Desk | None = None


_workers: dict[int, _Worker] = {}


def _run_job(worker: int, job: int) -> FileReport:
    mine = _workers[worker]
    if mine.desk is None:
        mine.desk = _desk()
    return mine.jobs[job].run(mine.desk, mine.progress.put)


def _share_out(
    jobs: Sequence[_Job],
    workers: int,
    on_progress: OnProgress,
    on_report: Callable[[FileReport], None],
) -> None:
    if connection().in_atomic_block:
        raise ImportBroken("worker processes do not see an open transaction; use one worker")
    # A forked process must not share its parent's connections.
    connections.close_all()
    context = multiprocessing.get_context("fork")
    progress: Queue[FileProgress] = context.Queue()
    key = id(progress)
    _workers[key] = _Worker(jobs, progress)
    try:
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            waiting = {pool.submit(_run_job, key, job) for job in range(len(jobs))}
            while waiting:
                done, waiting = wait(waiting, _SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
                _pass_on(progress, on_progress)
                for future in done:
                    on_report(_result(future))
        _pass_on(progress, on_progress)
    finally:
        del _workers[key]


def _pass_on(progress: Queue[FileProgress], on_progress: OnProgress) -> None:
    while True:
        try:
            on_progress(progress.get_nowait())
        except Empty:
            return


def _result(future: Future[FileReport]) -> FileReport:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise ImportBroken(
            "a worker process ended before its file; run the import again, what is stored stays"
        ) from error
