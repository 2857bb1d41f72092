"""Readers of feeds wait for whoever began before: for the tests of other processes, too."""

from __future__ import annotations

import time

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
