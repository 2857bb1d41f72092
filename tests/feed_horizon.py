"""Readers of feeds wait for whoever began before: for the tests of other processes, too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from django.db import connections

SECONDS_MAX = 120


def wait_for_all_before(alias: str = "default") -> None:
    """Until whatever runs in the cluster now is over. Not within a transaction that writes."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        newest = cursor.fetchone()[0]
        for _ in range(SECONDS_MAX * 50):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] >= newest:
                return
            time.sleep(0.02)
    raise AssertionError("a transaction stays open")


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """Runs it with database connections of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def read_beside(
    *, steps: Sequence[Callable[[], int]], writers: Sequence[Callable[[], None]], alias: str
) -> None:
    """Calls each step again and again while the writers write, then until it gives 0."""
    is_over = threading.Event()

    def poll(step: Callable[[], int]) -> None:
        while True:
            was_over = is_over.is_set()
            if step() == 0 and was_over:
                return
            time.sleep(0.002)

    readers = [in_thread(lambda step=step: poll(step)) for step in steps]  # type: ignore[misc]
    at_work = [in_thread(writer) for writer in writers]
    for thread in at_work:
        thread.join()
    wait_for_all_before(alias)
    is_over.set()
    for thread in readers:
        thread.join()
