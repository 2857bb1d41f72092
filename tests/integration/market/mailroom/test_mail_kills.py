"""A receiver or sender killed anywhere: outcomes whole, acknowledged if and only if committed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants
from ossrep.market.db import transaction
from ossrep.market.models import (
    Channel,
    InboundFile,
    InboundOutcome,
    InboundWork,
    OutboundInterchange,
    OutboundMessage,
    Placement,
    TradingPartner,
)
from ossrep.market.usecases.interchange.outbound import queue_segments
from ossrep.market.usecases.interchange.receiving_files import take_in
from ossrep.market.usecases.interchange.sending import send
from ossrep.market.usecases.interchange.storing import store_file
from ossrep.market.usecases.interchange.taking import take_file
from tests.factories.market_mail import NOW, mail, register, switch_reject
from tests.integration.billing.conftest import clone as clone
from tests.integration.billing.faults import FaultAt, die, fork, settle, wait
from tests.integration.market.mailroom.kills import (
    COUNTING,
    is_whole,
    process_all,
    receive_all,
    state,
)

PLACES_MAX = 2_000


def write_files(folder: Path, *, files: int, sets: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in range(files):
        body = [
            switch_reject(
                reference=f"{file:04d}{place:02d}",
                esi_id=f"1044372{(file * 7 + place) % 50:010d}",
            )
            for place in range(sets)
        ]
        data = mail(*body, number=file + 1)
        if file % 10 == 3:
            # One set of a wrong count among good ones.
            data = data.replace(b"SE*10*0002", b"SE*11*0002")
        (folder / f"{file:04d}.edi").write_bytes(data)
    return folder


def undisturbed(folder: Path) -> dict[str, Any]:
    receive_all(folder)
    return state()


class TestKillAtEveryStatement:
    @pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.long)])
    def test_of_receiving_leaves_a_file_whole(
        self, fresh_database: str, clone: Any, tmp_path: Path, step: int
    ) -> None:
        folder = write_files(tmp_path / "mail", files=1, sets=10)
        register()
        expected = clone(lambda: undisturbed(folder))
        kills = 0

        for place in range(0, PLACES_MAX, step):
            child = fork(lambda: receive_all(folder), before=FaultAt(place, die).arm)
            status = wait(child)
            settle(fresh_database)
            if status == 0:
                break
            assert status == -signal.SIGKILL
            kills += 1
            assert is_whole(), f"killed at place {place}"
            if InboundWork.objects.filter(state="done").exists():
                break

        assert kills > 60 // step
        receive_all(folder)
        assert state() == expected
        assert_invariants(contexts=["market"])

    def test_of_sending_gives_no_number_twice(self, fresh_database: str, tmp_path: Path) -> None:
        folder = write_files(tmp_path / "mail", files=3, sets=2)
        register(folder=tmp_path)
        receive_all(folder)
        kills = 0

        for place in range(PLACES_MAX):
            child = fork(lambda: list(send(now=NOW)), before=FaultAt(place, die).arm)
            status = wait(child)
            settle(fresh_database)
            if status == 0:
                break
            kills += 1
            assert_invariants(contexts=["market"])

        assert kills > 20
        row = OutboundInterchange.objects.get()
        assert (row.control_number, row.state) == (1, "sent")
        files = list((tmp_path / "out").iterdir())
        assert [file.read_bytes() for file in files] == [bytes(row.content)]


class TestKillAtRandomMoments:
    @pytest.mark.parametrize(
        ("files", "kills"), [(40, 12), pytest.param(500, 200, marks=pytest.mark.long)]
    )
    def test_of_two_receivers_changes_nothing(
        self, fresh_database: str, clone: Any, tmp_path: Path, files: int, kills: int
    ) -> None:
        chance = random.Random(files)
        folder = write_files(tmp_path / "mail", files=files, sets=8)
        register()
        began = time.perf_counter()
        expected = clone(lambda: undisturbed(folder))
        # Long enough for some files between two kills, short enough to leave work for the last.
        longest_s = 0.1 + (time.perf_counter() - began) / kills

        keeping = kill_pairs(lambda: receive_all(folder), kills // 10, chance, longest_s)
        list(take_in(paths=[folder], now=NOW))
        processing = kill_pairs(process_all, kills - keeping, chance, longest_s)
        settle(fresh_database)
        assert_invariants_of_what_is_done()
        taken_under_kills = InboundWork.objects.filter(state="done").count()
        process_all()

        assert keeping + processing >= kills
        assert taken_under_kills > files // 10
        assert state() == expected
        assert InboundFile.objects.count() == files
        assert_invariants(contexts=["market"])


def kill_pairs(
    work: Callable[[], None], kills: int, chance: random.Random, longest_s: float
) -> int:
    """Starts two workers at a time and kills them at a random moment; how many died of it."""
    done = 0
    while done < kills:
        pair = [fork(work) for _ in range(2)]
        time.sleep(chance.uniform(0.05, longest_s))
        for child in pair:
            os.kill(child, signal.SIGKILL)
        killed = [wait(child) for child in pair].count(-signal.SIGKILL)
        done += killed
        if not killed:
            break
    return done


def assert_invariants_of_what_is_done() -> None:
    done = InboundWork.objects.filter(state="done").count()
    assert OutboundMessage.objects.filter(kind="997").count() == done
    assert_invariants(contexts=["market"])


class TestSeveralReceivers:
    def test_apply_each_esi_id_in_the_order_of_arrival(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        folder = write_files(tmp_path / "mail", files=40, sets=4)
        register()

        children = [fork(lambda: receive_all(folder)) for _ in range(3)]

        assert [wait(child) for child in children] == [0, 0, 0]
        process_all()
        assert order_breaches() == []
        assert_invariants(contexts=["market"])

    def test_leave_a_file_alone_that_waits_for_a_held_one(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        register()
        for number, esi_id in enumerate(["1" * 17, "1" * 17, "2" * 17], start=1):
            keep(mail(switch_reject(reference=f"A{number}", esi_id=esi_id), number=number))
        first = InboundWork.objects.order_by("pk")[0].pk

        with held(fresh_database, first):
            assert wait(fork(process_all)) == 0

        states = InboundWork.objects.order_by("pk").values_list("state", flat=True)
        assert list(states) == ["stored", "stored", "done"]
        process_all()
        assert list(states.all()) == ["done", "done", "done"]

    def test_take_the_same_file_once(self, fresh_database: str, tmp_path: Path) -> None:
        folder = write_files(tmp_path / "mail", files=5, sets=3)
        register()

        children = [fork(lambda: receive_all(folder)) for _ in range(4)]

        assert [wait(child) for child in children] == [0, 0, 0, 0]
        process_all()
        assert InboundFile.objects.count() == 5
        assert OutboundMessage.objects.filter(kind="997").count() == 5
        assert_invariants(contexts=["market"])


class TestSeveralSenders:
    def test_give_each_number_once_and_without_gap(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        folder = write_files(tmp_path / "mail", files=12, sets=1)
        register(folder=tmp_path)
        receive_all(folder)

        def queue_and_send(number: int) -> None:
            for turn in range(5):
                with transaction():
                    queue_segments(message=an_answer(f"{number}{turn}"))
                list(send(now=NOW))

        children = [fork(lambda n=n: queue_and_send(n)) for n in range(3)]  # type: ignore[misc]

        assert [wait(child) for child in children] == [0, 0, 0]
        list(send(now=NOW))
        assert_invariants(contexts=["market"])
        rows = OutboundInterchange.objects.order_by("pk")
        assert [row.control_number for row in rows] == list(range(1, len(rows) + 1))
        assert Placement.objects.count() == 12 + 15
        names = sorted(file.name for file in (tmp_path / "out").iterdir())
        assert names == sorted(row.name for row in rows)


class TestWithoutTheGuards:
    """Each guard of the mailroom taken away: what then goes wrong is seen by the tests above."""

    def test_outcomes_outside_one_transaction_are_torn_by_a_kill(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        register()
        keep(mail(switch_reject(reference="A1"), switch_reject(reference="A2")))
        places = iter(range(0, PLACES_MAX, 4))

        while is_whole():
            assert wait(fork(careless, before=FaultAt(next(places), die).arm)) == -signal.SIGKILL
            settle(fresh_database)

        assert InboundWork.objects.get().state == "stored"

    def test_without_business_numbers_a_new_envelope_has_a_second_effect(
        self, fresh_database: str
    ) -> None:
        register()
        keep(mail(switch_reject(reference="11")))
        process_all()
        with owner() as cursor:
            cursor.execute("DELETE FROM business_number")
        keep(mail(switch_reject(reference="11"), number=2))
        process_all()

        states = InboundOutcome.objects.order_by("pk").values_list("state", "code")
        assert list(states) == [("applied", ""), ("parked", "unexpected")]


def keep(data: bytes) -> None:
    store_file(name="a.edi", data=data, channel=Channel.objects.get(code="hand"), now=NOW)


def careless() -> None:
    """Takes the file with every statement committed by itself."""
    work = InboundWork.objects.select_related("file", "channel", "partner").get()
    take_file(work=work, now=NOW, find_handler=COUNTING)
    InboundWork.objects.update(state="done")


def an_answer(reference: str) -> OutboundMessage:
    return OutboundMessage(
        partner=TradingPartner.objects.get(code="ERCOT"),
        functional_id="GE",
        kind="814_02",
        reference=reference,
        segments=switch_reject(reference=reference),
        queued_at=NOW,
    )


@contextmanager
def held(database_name: str, file_id: int) -> Iterator[None]:
    """Another receiver that has the file in its hands."""
    entry = connections["market"].settings_dict
    other = database.superuser_connection(entry, dbname=database_name, autocommit=False)
    with other:
        other.execute("SELECT 1 FROM market.inbound_work WHERE file_id = %s FOR UPDATE", [file_id])
        yield
        other.rollback()


@contextmanager
def owner() -> Iterator[Any]:
    """A cursor that may do what the runtime role may not."""
    with database.as_owner("market"), connections["market"].cursor() as cursor:
        yield cursor


def order_breaches() -> list[Any]:
    """Sets of one ESI ID that were recorded in another order than their files came."""
    with connections["market"].cursor() as cursor:
        cursor.execute(
            "SELECT a.esi_id, a.file_id, b.file_id FROM inbound_set a JOIN inbound_set b "
            "ON a.esi_id = b.esi_id AND a.file_id < b.file_id AND a.id > b.id WHERE a.esi_id <> ''"
        )
        return list(cursor.fetchall())
