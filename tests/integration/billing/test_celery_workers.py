"""Celery workers do a run with the same code, woken through a real Redis."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.celery import app
from ossrep.billing.models import BillRun, BillRunChunk
from ossrep.billing.tasks import send_wake_up
from ossrep.billing.usecases.plan_run import RunOrder, finish_wave, plan_run
from ossrep.billing.usecases.run_bills import (
    InThisProcess,
    WokenWorkers,
    WorkersFailed,
    run_bills,
)
from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import BillRunId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, Book, a_book
from tests.integration.billing.faults import fork, settle, wait
from tests.integration.billing.fingerprint import fingerprint

pytestmark = pytest.mark.redis

# In one process, without the chatter between workers.
WORKER = ["worker", "--pool", "solo", "-l", "ERROR", "--without-gossip", "--without-mingle"]

THROUGH_REDIS: dict[str, Any] = {"count": 2, "wake": send_wake_up, "patience_seconds": 60}
StartWorker = Callable[[Book], int]


@pytest.fixture
def broker(redis_url: str) -> Iterator[None]:
    app.conf.broker_url = redis_url
    app.set_default()
    yield
    app.conf.broker_url = None


@pytest.fixture
def start_worker(broker: None, fresh_database: str) -> Iterator[StartWorker]:
    crew: list[int] = []

    def start(book: Book) -> int:
        def work() -> None:
            # A worker warns of root, which a test machine may well run as.
            warnings.simplefilter("ignore")
            with book.standing_in():
                app.worker_main(WORKER)

        crew.append(fork(work))
        return crew[-1]

    yield start
    for pid in crew:
        os.kill(pid, signal.SIGKILL)
        wait(pid)
    settle(fresh_database)


class TestCeleryWorkers:
    def test_do_a_whole_run_of_several_waves(self, start_worker: StartWorker, clone: Any) -> None:
        book = a_book(accounts=30)
        order = RunOrder(as_of=SECOND_READ, chunk_accounts=10)

        def undisturbed() -> Any:
            with book.standing_in():
                run_bills(order=order, workers=InThisProcess())
            return fingerprint()

        expected = clone(undisturbed)
        start_worker(book)

        with book.standing_in():
            status = run_bills(order=order, workers=WokenWorkers(**THROUGH_REDIS))

        assert (status.billed, status.state) == (60, "finished")
        assert_invariants(contexts=["billing"])
        assert fingerprint() == expected

    def test_do_nothing_twice_however_often_they_are_woken(self, start_worker: StartWorker) -> None:
        book = a_book(accounts=20, usage_until=FIRST_READ)
        with book.standing_in():
            run_id = plan_run(order=RunOrder(as_of=FIRST_READ, chunk_accounts=5))
        for _ in range(25):
            send_wake_up(run_id)

        for _ in range(2):
            start_worker(book)
        wait_for_all_chunks(run_id)
        time.sleep(1.0)

        assert finish_wave(run_id=run_id)
        assert_invariants(contexts=["billing"])


def wait_for_all_chunks(run_id: BillRunId) -> None:
    deadline = time.monotonic() + 60
    while BillRunChunk.objects.filter(run_id=run_id, is_done=False).exists():
        assert time.monotonic() < deadline, "chunks are left"
        time.sleep(0.1)


class TestWithoutWorkers:
    def test_the_run_stays_open_and_says_so(self, broker: None, fresh_database: str) -> None:
        book = a_book(accounts=2)
        nobody = WokenWorkers(count=1, wake=lambda run_id: None, patience_seconds=0.3)

        with book.standing_in():
            with pytest.raises(WorkersFailed, match="see that Celery workers run"):
                run_bills(order=RunOrder(as_of=FIRST_READ), workers=nobody)
            status = run_bills(order=RunOrder(as_of=FIRST_READ), workers=InThisProcess())

        assert (status.run_id, status.billed) == (BillRun.objects.get().pk, 2)
