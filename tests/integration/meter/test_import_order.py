"""Files in any order, by several processes, broken off and run again: the same state."""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import UniqueViolation

from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.db import transaction
from ossrep.meter.domain.revisions import Outcome
from ossrep.meter.models import Intake, IntervalDay
from ossrep.meter.usecases.load_rulebook import load_rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.meter.usecases.store_days import (
    Desk,
    IntakeRef,
    screen_days,
    store_arrivals,
    store_days,
)
from tests.factories.interval_files import ADay, esi_id, interval_csv, lse, smt_csv
from tests.integration.meter.importing import (
    RECEIVED_AT,
    count_rows,
    current_values,
    run_import,
)
from tests.unit.meter.reading import read

FIRST_DAY = dt.date(2026, 4, 20)
WRITERS = {".csv": smt_csv, ".lse": lse, ".wide.csv": interval_csv}


def a_time(hours: int) -> dt.datetime:
    return dt.datetime(2026, 2, 19, 12, tzinfo=MARKET_ZONE) + dt.timedelta(hours=hours)


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[str, ADay]]:
    """Two to four files of one day; no two of them equal in time and completeness."""
    seen: set[tuple[int, int]] = set()
    found = []
    for wh in range(draw(st.integers(2, 4))):
        key = (draw(st.integers(0, 2)), draw(st.integers(0, 3)))
        if key not in seen:
            seen.add(key)
            quality = "E" * key[1] + "A" * (96 - key[1])
            day = ADay(wh=[wh + 1] * 96, known_at=a_time(key[0]), quality=quality)
            found.append((draw(st.sampled_from(sorted(WRITERS))), day))
    return found


class _Undo(Exception):
    """Ends the transaction of one order."""


@pytest.mark.django_db(databases="__all__")
class TestAnyOrder:
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(deliveries())
    def test_ends_in_the_same_state(self, tmp_path: Path, found: list[tuple[str, ADay]]) -> None:
        paths = []
        for number, (suffix, day) in enumerate(found):
            path = tmp_path / f"{number}{suffix}"
            path.write_bytes(WRITERS[suffix]([day]))
            paths.append(path)
        states = []

        for order in itertools.permutations(paths):
            try:
                with transaction():
                    for path in order:
                        run_import(path)
                    revisions = IntervalDay.objects.values_list("source_time", "digest")
                    states.append((current_values(), set(revisions)))
                    raise _Undo
            except _Undo:
                pass

        assert all(state == states[0] for state in states)
        assert len(states[0][1]) == len(found)


def a_month(folder: Path, *, points: int, days: int) -> None:
    """One LSE file for each day of all points."""
    folder.mkdir(exist_ok=True)
    for day in range(days):
        date = FIRST_DAY + dt.timedelta(days=day)
        each = [
            ADay(esi_id=esi_id(i + 1), date=date, wh=[100 + day + i] * 96) for i in range(points)
        ]
        (folder / f"{day:02d}.lse").write_bytes(lse(each))


def close_connections() -> None:
    # A forked process must not share its parent's connections.
    connections.close_all()


def import_in_child(folder: Path) -> None:
    """The whole of what a second ``meter import`` does."""
    run_import(folder)
    connections.close_all()


class TestWorkers:
    def test_share_the_files_and_leave_what_one_would(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        a_month(tmp_path / "files", points=8, days=12)

        reports = run_import(tmp_path / "files", workers=3)

        assert [Path(report.file).name for report in reports] == [
            f"{day:02d}.lse" for day in range(12)
        ]
        assert sum(report.tally.intervals for report in reports) == 8 * 12 * 96
        assert len(current_values()) == 96
        assert set(Intake.objects.values_list("state", flat=True)) == {"done"}
        assert_invariants(contexts=["meter"])

    def test_of_two_commands_at_once_store_each_day_once(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        a_month(tmp_path / "files", points=10, days=15)
        close_connections()
        context = multiprocessing.get_context("fork")
        children = [
            context.Process(target=import_in_child, args=(tmp_path / "files",)) for _ in range(2)
        ]
        for child in children:
            child.start()
        for child in children:
            child.join(60)

        assert [child.exitcode for child in children] == [0, 0]
        assert count_rows("interval_day") == 150
        assert set(IntervalDay.objects.values_list("revision", flat=True)) == {1}
        assert_invariants(contexts=["meter"])

    @pytest.mark.parametrize("pause_ms", [5, 60, 150, 300, 500])
    def test_killed_anywhere_leave_whole_days_and_the_rest_for_the_next_run(
        self, fresh_database: str, tmp_path: Path, pause_ms: int
    ) -> None:
        a_month(tmp_path / "files", points=10, days=20)
        close_connections()
        child = multiprocessing.get_context("fork").Process(
            target=import_in_child, args=(tmp_path / "files",)
        )
        child.start()
        time.sleep(pause_ms / 1000)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(60)
        assert all(len(values) == 96 for values, _ in current_values().values())

        run_import(tmp_path / "files")

        assert count_rows("interval_day") == 200
        assert len(current_values()) == 200
        assert_invariants(contexts=["meter"])

    def test_find_the_same_revision_whoever_comes_first(
        self, fresh_database: str, tmp_path: Path
    ) -> None:
        # Equal in time and quality: the later file counts, also when another process is faster.
        folder = tmp_path / "files"
        folder.mkdir()
        for number in range(12):
            days = [ADay(esi_id=esi_id(i), wh=[number] * 96) for i in range(1, 6)]
            (folder / f"{number:02d}.lse").write_bytes(lse(days))

        run_import(folder, workers=4)

        assert {values[0] for values, _ in current_values().values()} == {11}
        assert count_rows("interval_day") == 60
        assert_invariants(contexts=["meter"])


class _NoLock(MeterPointRegistry):
    """Decides without waiting for others."""

    def lock(self, *, meter_point_ids: Sequence[int]) -> None:
        """Lets everyone through."""


def store_one_day(registry: MeterPointRegistry, hold: threading.Event | None = None) -> Outcome:
    """Stores one day in a transaction of its own, held open until ``hold`` is set."""
    (block,) = read(lse([ADay()])).blocks
    with transaction():
        intake = Intake.objects.create(kind="lse", name="a.lse", received_at=RECEIVED_AT)
    ref = IntakeRef(intake.pk, "lse", "a.lse", RECEIVED_AT)
    desk = Desk(registry, load_rulebook())
    arrivals, _ = screen_days(blocks=[block], intake=ref, desk=desk)
    try:
        with transaction():
            tally = store_arrivals(arrivals=arrivals, intake=ref, desk=desk)
            if hold is not None:
                hold.wait(20)
        (outcome,) = tally.outcomes
        return outcome
    finally:
        connections.close_all()


def store_at_once(registry: type[MeterPointRegistry]) -> list[object]:
    """Two importers of the same day, the second while the first has not committed."""
    run_import_of_another_day()
    hold = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store_one_day, registry(), hold)
        time.sleep(0.5)
        second = pool.submit(store_one_day, registry())
        time.sleep(0.5)
        hold.set()
        return [first.exception() or first.result(), second.exception() or second.result()]


def run_import_of_another_day() -> None:
    # Meter point and partition are there, so that only the day itself is contested.
    (block,) = read(lse([ADay(date=ADay().date + dt.timedelta(days=1))])).blocks
    desk = Desk(MeterPointRegistry(), load_rulebook())
    intake = Intake.objects.create(kind="lse", name="b.lse", received_at=RECEIVED_AT)
    store_days(
        blocks=[block],
        refusals=[],
        intake=IntakeRef(intake.pk, "lse", "b.lse", RECEIVED_AT),
        desk=desk,
        refusal_format="lse",
    )


class TestLock:
    def test_lets_a_second_importer_see_what_the_first_one_did(self, fresh_database: str) -> None:
        assert store_at_once(MeterPointRegistry) == [Outcome.ACCEPTED, Outcome.UNCHANGED]

        assert_invariants(contexts=["meter"])

    def test_is_what_makes_the_difference(self, fresh_database: str) -> None:
        first, second = store_at_once(_NoLock)

        assert first is Outcome.ACCEPTED
        # The primary key still keeps the day from being stored twice as the first one.
        assert isinstance(second, UniqueViolation)
