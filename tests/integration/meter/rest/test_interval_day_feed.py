"""The feed of interval days: as received, once each, none missed beside late committers."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from ossrep.infra.feeds import reading
from ossrep.meter.db import transaction
from ossrep.meter.models import Intake, IntervalDay
from ossrep.meter.rest.internal_usage import IntervalDayValuesShape
from ossrep.meter.usecases.ensure_partitions import ensure_partitions
from ossrep.meter.usecases.load_rulebook import load_rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.meter.usecases.store_days import Desk, IntakeRef, store_days
from tests.factories.interval_files import NORMAL_DAY, ADay, esi_id, lse
from tests.feed_horizon import read_beside, wait_for_all_before
from tests.integration.meter.importing import RECEIVED_AT, import_bytes, known_esi_ids
from tests.token_issuer import TokenIssuer
from tests.unit.meter.reading import read

# A long transaction of another test process would make these readers wait.
pytestmark = pytest.mark.xdist_group("long_transaction")
PATH = "/api/v1/meter/changes/interval-days"
WRITERS = 4


@pytest.fixture
def client(token_issuer: TokenIssuer) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_issuer.token(roles=['service'])}"})


@pytest.fixture
def book(module_database: str) -> Iterator[None]:
    with known_esi_ids():
        yield


class _BrokenOff(Exception):
    """Ends a writer's transaction."""


def _store(*, writer: int, rounds: int) -> None:
    """Revisions of a day, each in a transaction that commits late or breaks off."""
    chance = random.Random(writer)
    desk = Desk(MeterPointRegistry(), load_rulebook())
    intake = Intake.objects.create(kind="lse", name=f"{writer}.lse", received_at=RECEIVED_AT)
    for number in range(rounds):
        day = ADay(esi_id=esi_id(writer + 1), wh=[number + 1] * 96)
        with contextlib.suppress(_BrokenOff), transaction():
            store_days(
                blocks=read(lse([day])).blocks,
                refusals=[],
                intake=IntakeRef(intake.pk, "lse", intake.name, RECEIVED_AT),
                desk=desk,
                refusal_format="lse",
            )
            time.sleep(chance.random() * 0.02)
            if chance.random() < 0.2:
                raise _BrokenOff


@dataclass(slots=True)
class _Reader:
    """Reads the feed on and on by its cursors."""

    client: Client
    cursor: str
    seen: list[int] = field(default_factory=list)

    def step(self) -> int:
        body: Any = self.client.get(f"{PATH}?size=7&cursor={self.cursor}").json()
        self.cursor = body["nextCursor"]
        self.seen += [item["id"] for item in body["items"]]
        return len(body["items"])


@dataclass(slots=True)
class _ReaderById:
    """What everybody writes first: rows with a higher id than the last one seen."""

    seen: list[int] = field(default_factory=lambda: [0])

    def step(self) -> int:
        rows = IntervalDay.objects.filter(pk__gt=self.seen[-1]).order_by("pk")
        found = list(rows.values_list("pk", flat=True)[:7])
        self.seen += found
        return len(found)


class TestReadersBesideImports:
    @pytest.mark.parametrize("rounds", [25, pytest.param(500, marks=pytest.mark.long)])
    @pytest.mark.usefixtures("book")
    def test_get_every_revision_once_where_an_id_misses_some(
        self, client: Client, rounds: int
    ) -> None:
        ensure_partitions(first=NORMAL_DAY, last=NORMAL_DAY)
        # Of the other tests of this module, in whatever order they run.
        earlier = set(IntervalDay.objects.values_list("pk", flat=True))
        wait_for_all_before("meter")
        start = _cursor(client, "?from=now")
        readers, by_id = [_Reader(client, start) for _ in range(2)], _ReaderById()

        read_beside(
            steps=[*(reader.step for reader in readers), by_id.step],
            writers=[partial(_store, writer=n, rounds=rounds) for n in range(WRITERS)],
            alias="meter",
        )

        truth = set(IntervalDay.objects.values_list("pk", flat=True)) - earlier
        assert [sorted(reader.seen) for reader in readers] == [sorted(truth)] * 2
        assert truth - set(by_id.seen) != set()


@pytest.mark.usefixtures("book")
class TestTheFeed:
    def test_shows_each_revision_with_its_values(self, client: Client, tmp_path: Path) -> None:
        start = _cursor(client, "?from=now")
        day = ADay(esi_id=esi_id(8), wh=[5] * 96)
        import_bytes(tmp_path, "a.lse", lse([day]))
        wait_for_all_before("meter")
        (item,) = client.get(f"{PATH}?cursor={start}").json()["items"]
        import_bytes(tmp_path, "b.lse", lse([replace(day, wh=[6] * 96)]))
        wait_for_all_before("meter")

        next_cursor = _cursor(client, f"?cursor={start}&size=1")
        (later,) = client.get(f"{PATH}?cursor={next_cursor}").json()["items"]

        names = ("esiId", "date", "revision", "quality", "totalWh", "wh")
        told = [esi_id(8), "2026-02-18", 1, "A", 480, [5] * 96]
        assert item["isDeleted"] is False
        assert [item["record"][name] for name in names] == told
        assert (later["record"]["revision"], later["record"]["wh"][0]) == (2, 6)

    def test_gives_rows_again_after_a_restore(self, client: Client, tmp_path: Path) -> None:
        import_bytes(tmp_path, "c.lse", lse([ADay(esi_id=esi_id(9))]))
        row = IntervalDay.objects.get(meter_point__esi_id=esi_id(9))
        with connections["meter"].cursor() as cursor:
            # As a dump of a cluster with higher numbers would leave it.
            cursor.execute(
                "UPDATE interval_day SET changed_xid = changed_xid + 1000000000 WHERE id = %s",
                [row.pk],
            )
        wait_for_all_before("meter")
        before = client.get(f"{PATH}?size=1000").json()["items"]

        reading.reset_after_restore(context="meter")

        after = client.get(f"{PATH}?size=1000").json()["items"]
        assert row.pk not in {item["id"] for item in before}
        assert after[0]["id"] == row.pk


def _cursor(client: Client, query: str) -> str:
    found: str = client.get(f"{PATH}{query}").json()["nextCursor"]
    return found


class TestMissingValues:
    def test_are_null(self) -> None:
        shown = IntervalDayValuesShape().fields["wh"]

        assert shown.to_representation(b"\x05\0\0\0\0\0\0\x80") == [5, None]
