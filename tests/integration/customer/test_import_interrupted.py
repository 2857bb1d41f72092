"""An import that is killed, or meets another one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ossrep.customer.files.book_writing import export_book
from ossrep.customer.models import ImportRun, OutboxEvent
from ossrep.customer.usecases.import_book import ImportRunning, import_book
from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.services import standing_in
from ossrep.published.product import ProductService
from tests.factories.customer_book import a_catalogue, book, write_book
from tests.integration.customer.conftest import AS_OF

_CHILD = """
import datetime, os, pathlib, sys
import django
django.setup()
from django.db import connections
from ossrep.customer.usecases.import_book import import_book
from ossrep.infra.services import standing_in
from ossrep.published.product import ProductService
from tests.factories.customer_book import a_catalogue

left = int(sys.argv[2])

def count(execute, sql, params, many, context):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)
    return execute(sql, params, many, context)

with connections["customer"].execute_wrapper(count), standing_in(ProductService, a_catalogue()):
    import_book(
        paths=[pathlib.Path(sys.argv[1])], as_of=datetime.date(2026, 11, 24), rows_per_batch=10
    )
"""


@pytest.fixture
def catalogue() -> Iterator[None]:
    """Stands in for context ``product``."""
    with standing_in(ProductService, a_catalogue()):
        yield


def run_until(folder: Path, statement: int) -> int:
    """Imports in a process of its own that kills itself before its n-th statement."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder), str(statement)],
        cwd=Path(__file__).parents[3],
        env=environment,
        check=False,
        capture_output=True,
        timeout=120,
    )
    return done.returncode


class TestKilledImport:
    def test_is_finished_by_the_next_one_as_if_undisturbed(
        self, fresh_database: str, catalogue: None, tmp_path: Path
    ) -> None:
        folder = write_book(tmp_path / "in", book(*range(1, 31)))
        kills = [30, 77, 120, 160]

        codes = [run_until(folder, statement) for statement in kills]
        result = import_book(paths=[folder], as_of=AS_OF)
        export_book(to=tmp_path / "out")

        assert codes == [-signal.SIGKILL] * len(kills)
        assert {c.taken for c in result.counts.values()} == {30}
        assert result.refused == 0
        for file in folder.iterdir():
            lines = file.read_text().splitlines()
            exported = (tmp_path / "out" / file.name).read_text().splitlines()
            assert sorted(line.replace("+1", "'+1") for line in lines) == sorted(exported)
        # Each fact was told once, however often the import began.
        told = OutboxEvent.objects.filter(event_type="customer.contract-activated.v1")
        assert told.count() == 30
        assert ImportRun.objects.filter(finished_at__isnull=True).count() == len(kills)
        assert_invariants(contexts=["customer"])


class TestSecondImport:
    def test_is_refused_while_the_first_one_runs(
        self, fresh_database: str, catalogue: None, tmp_path: Path
    ) -> None:
        folder = write_book(tmp_path / "in", book(1))
        entry = settings.DATABASES["customer"]

        with database.superuser_connection(entry, dbname=entry["NAME"]) as other:
            other.execute("SELECT pg_advisory_lock(hashtext('customer.import_book'))")
            with pytest.raises(ImportRunning, match="another import is running"):
                import_book(paths=[folder], as_of=AS_OF)
        deadline = time.monotonic() + 10
        while True:
            try:
                result = import_book(paths=[folder], as_of=AS_OF)
            except ImportRunning:
                # The server lets the lock go a moment after the other connection closed.
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                break

        assert result.counts["customer"].created == 1
        assert ImportRun.objects.count() == 1
