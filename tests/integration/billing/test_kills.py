"""A worker killed anywhere leaves nothing half-written, and the run ends as if nothing was."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ossrep.billing.models import BillRunChunk
from ossrep.billing.usecases.plan_run import RunOrder, plan_run
from ossrep.billing.usecases.run_bills import InThisProcess, LocalProcesses, run_bills
from ossrep.billing.usecases.work_on_run import work_on_run
from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import BillRunId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, Book, a_book
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.faults import (
    FaultAt,
    die,
    fork,
    lose_connection,
    settle,
    stand_still,
    wait,
)
from tests.integration.billing.fingerprint import fingerprint, is_untouched

Fingerprint = dict[str, list[tuple[Any, ...]]]
PLACES_MAX = 1_000


def mixed_book() -> Book:
    """Homes, a roof, a business with two premises, and one that cannot be billed."""
    book = a_book(accounts=2)
    roof = a_contract(contract_id=3, account_id=3, start_date=START, plan_version_id=3)
    book.add(an_account(account_id=3, contracts=[roof]))
    book.meter.put_days(
        esi_id=roof.esi_id, start=START, end=SECOND_READ, import_wh=50, export_wh=200
    )
    shops = [a_contract(contract_id=n, account_id=4, start_date=START) for n in (40, 41)]
    book.add(an_account(account_id=4, contracts=shops))
    for shop in shops:
        book.put_usage(esi_id=shop.esi_id, start=START, end=SECOND_READ, seed=shop.contract_id)
    book.add(an_account(account_id=5, contracts=[a_contract(contract_id=5, account_id=5)]))
    del book.meter._import["10443720000000002", dt.date(2026, 6, 20)]
    return book


def undisturbed(book: Book, order: RunOrder) -> Fingerprint:
    with book.standing_in():
        run_bills(order=order, workers=InThisProcess())
    return fingerprint()


def planned(book: Book, order: RunOrder) -> BillRunId:
    with book.standing_in():
        return plan_run(order=order)


def worker(book: Book, run_id: BillRunId) -> None:
    with book.standing_in():
        work_on_run(run_id=run_id)


def finish(book: Book, order: RunOrder) -> Fingerprint:
    with book.standing_in():
        run_bills(order=order, workers=InThisProcess())
    assert_invariants(contexts=["billing"])
    return fingerprint()


class TestKillAtEveryStatement:
    def test_leaves_the_chunk_as_it_was_or_done(self, fresh_database: str, clone: Any) -> None:
        book, order = mixed_book(), RunOrder(as_of=FIRST_READ)
        expected = clone(lambda: undisturbed(book, order))
        run_id = planned(book, order)
        kills = 0

        for place in range(PLACES_MAX):
            child = fork(lambda: worker(book, run_id), before=FaultAt(place, die).arm)
            status = wait(child)
            settle(fresh_database)
            if status == 0:
                break
            assert status == -signal.SIGKILL
            kills += 1
            if BillRunChunk.objects.get().is_done:
                break
            assert is_untouched(), f"killed at place {place}"

        assert kills > 50
        assert finish(book, order) == expected


class TestKillOfARun:
    @pytest.mark.parametrize(
        ("accounts", "kills"),
        [(200, 6), pytest.param(2_000, 50, marks=pytest.mark.long)],
    )
    def test_at_random_moments_changes_nothing(
        self, fresh_database: str, clone: Any, accounts: int, kills: int
    ) -> None:
        chance = random.Random(accounts)
        book = a_book(accounts=accounts, usage_until=FIRST_READ)
        order = RunOrder(as_of=FIRST_READ, chunk_accounts=max(accounts // 40, 20))
        expected = clone(lambda: undisturbed(book, order))
        run_id = planned(book, order)
        done = 0

        for _ in range(kills):
            pair = [fork(lambda: worker(book, run_id)) for _ in range(2)]
            time.sleep(chance.uniform(0.0, 0.25))
            for child in pair:
                os.kill(child, signal.SIGKILL)
            done += [wait(child) for child in pair].count(-signal.SIGKILL)
        settle(fresh_database)

        assert done > 0
        assert finish(book, order) == expected

    def test_of_one_worker_is_made_good_by_the_parent(
        self, fresh_database: str, clone: Any
    ) -> None:
        book = a_book(accounts=60, usage_until=FIRST_READ)
        order = RunOrder(as_of=FIRST_READ, chunk_accounts=10)
        expected = clone(lambda: undisturbed(book, order))

        def whole_run() -> None:
            with book.standing_in():
                run_bills(order=order, workers=LocalProcesses(2))

        parent = fork(whole_run)
        os.kill(a_child_of(parent), signal.SIGKILL)

        assert wait(parent) == 0
        assert_invariants(contexts=["billing"])
        assert fingerprint() == expected


def a_child_of(pid: int) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])
    raise TimeoutError(f"{pid} starts no worker")


class TestAConnectionThatIsLost:
    @pytest.mark.parametrize("place", [5, 30, 61, 80, 95, 104])
    def test_is_tried_again(self, fresh_database: str, clone: Any, place: int) -> None:
        book, order = mixed_book(), RunOrder(as_of=FIRST_READ)
        expected = clone(lambda: undisturbed(book, order))
        run_id = planned(book, order)

        child = fork(lambda: worker(book, run_id), before=FaultAt(place, lose_connection).arm)

        assert wait(child) == 0
        settle(fresh_database)
        assert finish(book, order) == expected


class TestAWorkerThatStandsStill:
    def test_loses_its_chunk_and_cannot_commit_it_later(
        self, fresh_database: str, clone: Any
    ) -> None:
        book, order = mixed_book(), RunOrder(as_of=FIRST_READ)
        expected = clone(lambda: undisturbed(book, order))
        run_id = planned(book, order)

        def impatient() -> None:
            with book.standing_in():
                work_on_run(run_id=run_id, idle_seconds=1)

        child = fork(impatient, before=FaultAt(80, stand_still).arm)
        os.waitpid(child, os.WUNTRACED)
        deadline = time.monotonic() + 20
        while not BillRunChunk.objects.get().is_done and time.monotonic() < deadline:
            worker(book, run_id)
            time.sleep(0.1)
        taken_over = fingerprint()
        os.kill(child, signal.SIGCONT)

        assert wait(child) == 0
        assert taken_over == fingerprint()
        settle(fresh_database)
        assert finish(book, order) == expected


class TestTwoRunsAtOnce:
    @pytest.mark.parametrize("cycles", [("07", "07"), ("07", None)])
    def test_make_one_set_of_invoices(
        self, fresh_database: str, clone: Any, cycles: tuple[str | None, str | None]
    ) -> None:
        book = a_book(accounts=60, usage_until=FIRST_READ)
        orders = [
            RunOrder(as_of=FIRST_READ, read_cycle=cycle, chunk_accounts=10) for cycle in cycles
        ]
        expected = clone(lambda: undisturbed(book, orders[0]))

        def whole_run(order: RunOrder) -> None:
            with book.standing_in():
                run_bills(order=order, workers=InThisProcess())

        children = [fork(lambda order=order: whole_run(order)) for order in orders]

        assert [wait(child) for child in children] == [0, 0]
        assert_invariants(contexts=["billing"])
        assert without_numbers(fingerprint()) == without_numbers(expected)


def without_numbers(found: Fingerprint) -> Fingerprint:
    """Which of two runs plans first is open, so numbers may be others."""
    return {
        "invoices": sorted((row[1:] for row in found["invoices"]), key=repr),
        "lines": sorted((row[1:] for row in found["lines"]), key=repr),
        "balances": found["balances"],
    }
