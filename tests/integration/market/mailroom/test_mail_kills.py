"""A receiver or sender killed anywhere: outcomes whole, acknowledged if and only if committed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.market.models import InboundFile, InboundWork, OutboundInterchange, OutboundMessage
from ossrep.market.usecases.interchange.sending import send
from tests.factories.market_mail import NOW, mail, register, switch_reject
from tests.integration.billing.conftest import clone as clone
from tests.integration.billing.faults import FaultAt, die, fork, settle, wait
from tests.integration.market.mailroom.kills import (
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
    def test_of_receiving_leaves_a_file_whole(
        self, fresh_database: str, clone: Any, tmp_path: Path
    ) -> None:
        folder = write_files(tmp_path / "mail", files=1, sets=10)
        register()
        expected = clone(lambda: undisturbed(folder))
        kills = 0

        for place in range(PLACES_MAX):
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

        assert kills > 60
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
        ("files", "kills"), [(60, 12), pytest.param(500, 200, marks=pytest.mark.long)]
    )
    def test_of_two_receivers_changes_nothing(
        self, fresh_database: str, clone: Any, tmp_path: Path, files: int, kills: int
    ) -> None:
        chance = random.Random(files)
        folder = write_files(tmp_path / "mail", files=files, sets=8)
        register()
        expected = clone(lambda: undisturbed(folder))
        done = 0

        while done < kills:
            pair = [fork(lambda: receive_all(folder)) for _ in range(2)]
            time.sleep(chance.uniform(0.02, 0.35))
            for child in pair:
                os.kill(child, signal.SIGKILL)
            killed = [wait(child) for child in pair].count(-signal.SIGKILL)
            done += killed
            if not killed:
                break
        settle(fresh_database)
        assert_invariants_of_what_is_done()
        receive_all(folder)

        assert done > 0
        assert state() == expected
        assert InboundFile.objects.count() == files
        assert_invariants(contexts=["market"])


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
        receive_first_half: Callable[[], None] = lambda: receive_all(folder)  # noqa: E731

        children = [fork(receive_first_half) for _ in range(3)]
        assert [wait(child) for child in children] == [0, 0, 0]

        process_all()
        assert order_breaches() == []
        assert_invariants(contexts=["market"])


def order_breaches() -> list[Any]:
    """Effects of one ESI ID whose order is not that of their files."""
    from django.db import connections

    with connections["market"].cursor() as cursor:
        cursor.execute(
            "SELECT a.esi_id, a.file_id, b.file_id FROM inbound_set a JOIN inbound_set b "
            "ON a.esi_id = b.esi_id AND a.file_id < b.file_id AND a.id > b.id WHERE a.esi_id <> ''"
        )
        return cursor.fetchall()
