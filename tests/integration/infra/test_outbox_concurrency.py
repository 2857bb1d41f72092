"""Writers that commit late, roll back and share aggregates: nothing lost, nothing out of order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.outbox import append, append_many
from ossrep.infra.outbox.relay import Relay
from ossrep.infra.outbox.running import Running, run_relay
from ossrep.infra.outbox.writing import OutboxMisuse
from tests.integration.infra.facts import Noted, rows, write
from tests.integration.infra.test_relay_in_process import Broker

pytestmark = pytest.mark.usefixtures("fresh_database")


def _in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections["billing"].close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@contextmanager
def _uncommitted(event: Noted) -> Iterator[None]:
    """Another writer that appended first and commits when the block ends."""
    appended, may_commit = threading.Event(), threading.Event()

    def work() -> None:
        with database.transaction("billing"):
            append(context="billing", event=event)
            appended.set()
            may_commit.wait(20)

    thread = _in_thread(work)
    assert appended.wait(20)
    try:
        yield
    finally:
        may_commit.set()
        thread.join()


def _naive_poll(last_id: int) -> list[tuple[int, str]]:
    """What a reader gets that remembers the highest id it saw."""
    return rows(
        "billing", "SELECT id, aggregate_id FROM outbox_event WHERE id > %s ORDER BY id", [last_id]
    )


class TestALateCommit:
    def test_is_published_by_the_relay(self) -> None:
        broker = Broker()
        relay = Relay(context="billing", transport=broker)

        with _uncommitted(Noted(sheet="early", number=1)):
            write(Noted(sheet="late", number=1))
            relay.step()
        relay.step()

        assert broker.taken == [("late", 1), ("early", 1)]

    def test_is_lost_to_a_reader_that_remembers_the_highest_id(self) -> None:
        with _uncommitted(Noted(sheet="early", number=1)):
            write(Noted(sheet="late", number=1))
            seen = _naive_poll(0)
        seen += _naive_poll(seen[-1][0])

        assert [aggregate for _, aggregate in seen] == ["late"]

    def test_of_the_same_aggregate_makes_the_next_writer_wait(self) -> None:
        committed: list[str] = []

        def second() -> None:
            write(Noted(sheet="s", number=2))
            committed.append("second")

        with _uncommitted(Noted(sheet="s", number=1)):
            thread = _in_thread(second)
            time.sleep(0.3)
            assert committed == []
        thread.join()

        assert rows("billing", "SELECT seq, payload->>'number' FROM outbox_event ORDER BY 1") == [
            (1, "1"),
            (2, "2"),
        ]


class TestManyWriters:
    @pytest.mark.parametrize(
        ("writers", "each"), [(6, 40), pytest.param(8, 1500, marks=pytest.mark.long)]
    )
    def test_lose_nothing_and_keep_the_order(self, writers: int, each: int) -> None:
        broker, stop = Broker(), threading.Event()
        relaying = _in_thread(
            lambda: _ignore_count(
                run_relay(
                    contexts=["billing"],
                    transport=broker,
                    how=Running(should_stop=stop.is_set, events_per_step=64),
                )
            )
        )
        kept = [0] * writers
        threads = [
            _in_thread(lambda number=number: _write_much(number, each, kept))  # type: ignore[misc]
            for number in range(writers)
        ]
        for thread in threads:
            thread.join()
        stop.set()
        relaying.join()
        run_relay(
            contexts=["billing"],
            transport=broker,
            how=Running(until_empty=True, timeout_s=60),
        )

        assert len(broker.taken) == sum(kept)
        for sheet in {aggregate for aggregate, _ in broker.taken}:
            seqs = [seq for aggregate, seq in broker.taken if aggregate == sheet]
            assert seqs == list(range(1, len(seqs) + 1))
        assert_invariants(contexts=["billing"])


class _RolledBack(Exception):
    pass


def _write_much(number: int, each: int, kept: list[int]) -> None:
    """Transactions of a few events on five shared sheets; one in ten is rolled back."""
    chance = random.Random(number)
    for _ in range(each):
        sheets = chance.sample(["a", "b", "c", "d", "e"], k=chance.randint(1, 3))
        try:
            with database.transaction("billing"):
                append_many(
                    context="billing",
                    events=[Noted(sheet=sheet, number=number) for sheet in sheets],
                )
                time.sleep(chance.uniform(0, 0.004))
                if chance.random() < 0.1:
                    raise _RolledBack
            kept[number] += len(sheets)
        except _RolledBack:
            continue


def _ignore_count(count: int) -> None:
    """The relay's own count is not needed."""


class TestAppendOutsideATransaction:
    def test_is_refused(self) -> None:
        with pytest.raises(OutboxMisuse, match="belongs into the transaction"):
            append(context="billing", event=Noted(sheet="s0", number=1))

        assert rows("billing", "SELECT count(*) FROM outbox_event") == [(0,)]
