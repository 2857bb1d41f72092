"""Feeds of changes: nothing is missed, whoever commits late; cursors are ours or refused."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.core import signing
from django.db import connections
from django.test import Client

from ossrep.infra import database
from ossrep.infra.feeds import reading, tables
from ossrep.infra.feeds.reading import Position, read_changes
from ossrep.infra.outbox import keeping
from ossrep.meter.models import ChangedRow
from tests.feed_horizon import in_thread, read_beside, wait_for_all_before

# A long transaction of another test process would make these readers wait.
pytestmark = pytest.mark.xdist_group("long_transaction")

Caller = Callable[..., Client]
POLLERS = 4


def _execute(sql: str, parameters: Any = ()) -> list[Any]:
    with connections["meter"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def _make_probe() -> None:
    with database.as_owner("meter"):
        _execute(
            "CREATE TABLE probe (id bigint PRIMARY KEY, version int NOT NULL, "
            "updated_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
            "changed_xid bigint NOT NULL DEFAULT 0)"
        )
        _execute(tables.follow(table="probe", resource="probe") + tables.stamp(table="probe"))


@pytest.fixture
def probe_table(fresh_database: str) -> None:
    _make_probe()


def _write_rows(*, writer: int, rounds: int, seed: int) -> None:
    """Adds, changes and deletes rows of its own; commits late, and sometimes not at all."""
    chance = random.Random(f"{seed} {writer}")
    for step in range(rounds):
        own = writer * 1_000_000 + chance.randrange(step + 1)
        try:
            with database.transaction("meter"):
                _execute("SELECT pg_current_xact_id()")
                time.sleep(chance.random() * 0.003)
                _execute(
                    "INSERT INTO probe VALUES (%s, 1) ON CONFLICT (id) DO UPDATE "
                    "SET version = probe.version + 1, updated_at = clock_timestamp()",
                    [own],
                )
                if chance.random() < 0.1:
                    _execute("DELETE FROM probe WHERE id = %s", [own])
                time.sleep(chance.random() * 0.006)
                if chance.random() < 0.1:
                    raise TimeoutError
        except TimeoutError:
            pass


@dataclass(slots=True)
class Poller:
    """Reads on and on; ``seen`` is what it knows of every row at last."""

    seen: dict[int, int] = field(default_factory=dict)
    position: Position = field(default_factory=lambda: reading.beginning(context="meter"))

    def step(self) -> int:
        feed = ChangedRow.objects.filter(resource="probe")
        changed = read_changes(feed, after=self.position, limit=50, key="key")
        keys = [row.key for row in changed]
        found = dict(_execute("SELECT id, version FROM probe WHERE id = ANY(%s)", [keys]))
        for row in changed:
            if row.key in found:
                self.seen[row.key] = found[row.key]
            else:
                self.seen.pop(row.key, None)
            self.position = Position(self.position.incarnation, row.changed_xid, row.key)
        return len(changed)


@dataclass(slots=True)
class NaivePoller:
    """What everybody writes first: rows with a later ``updated_at`` than the last one seen."""

    seen: dict[int, int] = field(default_factory=dict)
    last: Any = "-infinity"

    def step(self) -> int:
        rows = _execute(
            "SELECT id, version, updated_at FROM probe WHERE updated_at > %s "
            "ORDER BY updated_at LIMIT 50",
            [self.last],
        )
        for key, version, self.last in rows:
            self.seen[key] = version
        return len(rows)


class TestReadersOfBusyTables:
    @pytest.mark.parametrize("rounds", [60, pytest.param(2_000, marks=pytest.mark.long)])
    @pytest.mark.usefixtures("probe_table")
    def test_miss_nothing_where_a_time_stamp_does(self, rounds: int) -> None:
        pollers: list[Any] = [*(Poller() for _ in range(POLLERS)), NaivePoller()]
        writers = [partial(_write_rows, writer=n, rounds=rounds, seed=7) for n in range(8)]

        read_beside(steps=[poller.step for poller in pollers], writers=writers, alias="meter")

        truth = dict(_execute("SELECT id, version FROM probe"))
        *good, naive = pollers
        assert [poller.seen == truth for poller in good] == [True] * POLLERS
        missed = [key for key, version in truth.items() if naive.seen.get(key) != version]
        assert missed != []


@pytest.mark.usefixtures("probe_table")
class TestReading:
    def test_waits_for_whoever_began_before(self) -> None:
        began, may_end = threading.Event(), threading.Event()

        def slow() -> None:
            with database.transaction("meter"):
                _execute("INSERT INTO probe VALUES (1, 1)")
                began.set()
                may_end.wait(20)

        thread = in_thread(slow)
        assert began.wait(20)
        _execute("INSERT INTO probe VALUES (2, 1)")
        poller = Poller()
        before = poller.step()
        may_end.set()
        thread.join()
        wait_for_all_before("meter")
        poller.step()

        assert before == 0
        assert poller.seen == {1: 1, 2: 1}

    def test_begins_anew_after_a_restore(self) -> None:
        _execute("INSERT INTO probe VALUES (1, 1), (2, 1)")
        first = _execute("SELECT DISTINCT changed_xid FROM probe")
        _execute("UPDATE probe SET version = 2 WHERE id = 2")
        assert _execute("SELECT id, changed_xid > %s FROM probe ORDER BY id", [first[0][0]]) == [
            (1, False),
            (2, True),
        ]
        position = reading.present(context="meter")
        of_another_cluster = Position(position.incarnation, position.xid + 1_000_000, 0)
        assert reading.is_good(position, context="meter")
        assert not reading.is_good(of_another_cluster, context="meter")
        _execute("UPDATE changed_row SET changed_xid = changed_xid + 1000000")
        assert Poller().step() == 0

        keeping.begin_new_incarnation(context="meter")
        reading.reset_after_restore(context="meter")

        assert not reading.is_good(position, context="meter")
        poller = Poller()
        wait_for_all_before("meter")
        poller.step()
        assert poller.seen == {1: 1, 2: 2}


@pytest.fixture
def many_changes(db: None) -> None:
    ChangedRow.objects.bulk_create(
        ChangedRow(resource="probe", key=key, changed_xid=5, is_deleted=key == 3)
        for key in range(1, 8)
    )


@pytest.mark.django_db(databases="__all__")
@pytest.mark.usefixtures("many_changes")
class TestAFeed:
    def test_goes_on_where_its_cursor_says(self, caller: Caller) -> None:
        client = caller("csr")
        cursor, found, more = "", [], True
        while more:
            body = client.get(f"/api/v1/changes?size=3&cursor={cursor}").json()
            found += [item["id"] for item in body["items"]]
            cursor, more = body["nextCursor"], body["hasMore"]
        last = client.get(f"/api/v1/changes?cursor={cursor}").json()

        assert found == [1, 2, 3, 4, 5, 6, 7]
        assert last["items"] == []
        assert client.get(f"/api/v1/changes?cursor={last['nextCursor']}").json() == last

    def test_says_what_is_gone(self, caller: Caller) -> None:
        body = caller("csr").get("/api/v1/changes?size=3").json()

        assert body["items"][1:] == [
            {"id": 2, "isDeleted": False, "record": {"double": 4}},
            {"id": 3, "isDeleted": True, "record": None},
        ]

    def test_begins_now_where_asked(self, caller: Caller) -> None:
        assert caller("csr").get("/api/v1/changes?from=now").json()["items"] == []
        assert caller("csr").get("/api/v1/changes?from=then").status_code == 400

    @pytest.mark.parametrize("count", [50, pytest.param(1_000, marks=pytest.mark.long)])
    def test_refuses_forged_cursors(self, caller: Caller, count: int) -> None:
        client, chance = caller("csr"), random.Random(4)
        good = client.get("/api/v1/changes?size=3").json()["nextCursor"]
        other = client.get("/api/v1/changes?size=3&kind=x").json()["nextCursor"]
        forged = [other, "x" * 1001, "W10:1:x", *_forged(good, chance, count - 3)]

        answers = [client.get("/api/v1/changes", {"cursor": text}) for text in forged]

        assert len(answers) == count
        assert {answer.status_code for answer in answers} == {400}
        assert {answer.json()["errors"][0]["code"] for answer in answers} == {"invalid_cursor"}

    def test_takes_a_cursor_of_another_caller_with_the_right(self, caller: Caller) -> None:
        cursor = caller("csr").get("/api/v1/changes?size=3").json()["nextCursor"]

        assert caller("csr", sub="b").get(f"/api/v1/changes?cursor={cursor}").status_code == 200

    def test_answers_410_after_a_restore(self, caller: Caller) -> None:
        of_before = signing.dumps([1, 2**40, 0], salt=repr(("feed", "probe-changes", [])))

        answer = caller("csr").get(f"/api/v1/changes?cursor={of_before}")

        assert (answer.status_code, answer.json()["code"]) == (410, "feed_restarted")


def _forged(good: str, chance: random.Random, count: int) -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:"
    made = 0
    while made < count:
        place = chance.randrange(len(good))
        text = good[:place] + chance.choice(letters) + good[place + chance.randrange(3) :]
        if text != good:
            made += 1
            yield text
