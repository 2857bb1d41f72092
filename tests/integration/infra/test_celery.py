"""Tasks reach a worker through a real Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROBE = "tests.integration.infra.celery_probe"

pytestmark = pytest.mark.redis


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    return {**os.environ, "OSSREP_BROKER_URL": redis_url}


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", PROBE, "worker", "--pool", "solo", "-l", "WARNING"],
        cwd=ROOT,
        env=environment,
    )
    yield process
    process.terminate()
    process.wait(30)


class TestCelery:
    def test_carries_a_task_to_a_worker(
        self,
        worker: subprocess.Popen[bytes],
        environment: dict[str, str],
        tmp_path: Path,
    ) -> None:
        note = tmp_path / "note"
        code = f"from {PROBE} import note; note.delay({str(note)!r}, 'bill 7')"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)

        deadline = time.monotonic() + 60
        while not note.exists() and time.monotonic() < deadline:
            time.sleep(0.1)

        assert note.read_text() == "bill 7\n"
