"""The supervisor starts anew what dies and stops everything in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SUPERVISING = """
import sys
from ossrep.infra.supervisor import Program, Supervisor
programs = [Program(name, [sys.executable, "-c", code]) for name, code in {programs!r}]
Supervisor(programs, tell=lambda text: print(text, flush=True), grace_s={grace_s}).run()
"""
# Notes its process id, then runs until it is asked to end, and notes that.
OBEDIENT = """
import os, signal, sys, time
from pathlib import Path
def end(*_):
    with open({log!r}, "a") as log: log.write({name!r} + " ended\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with open({log!r}, "a") as log: log.write({name!r} + f" {{os.getpid()}}\\n")
while True: time.sleep(0.1)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.touch()
    return path


def _obedient(name: str, log: Path) -> tuple[str, str]:
    return name, OBEDIENT.format(name=name, log=str(log))


def _supervise(programs: list[tuple[str, str]], *, grace_s: float = 10.0) -> subprocess.Popen[str]:
    code = SUPERVISING.format(programs=programs, grace_s=grace_s)
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def _wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.05)


def _pids(log: Path, name: str) -> list[int]:
    lines = [line.split() for line in log.read_text().splitlines()]
    return [int(pid) for who, pid in lines if who == name and pid.isdigit()]


class TestSupervisor:
    @pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
    def test_stops_the_programs_in_order(self, log: Path, asked_by: signal.Signals) -> None:
        supervisor = _supervise([_obedient("web", log), _obedient("relay", log)])
        _wait_for(lambda: bool(_pids(log, "web") and _pids(log, "relay")))

        supervisor.send_signal(asked_by)

        out, _ = supervisor.communicate(timeout=20)
        assert supervisor.returncode == 0
        assert log.read_text().splitlines()[-2:] == ["web ended", "relay ended"]
        assert out.splitlines()[-3:] == [
            f"{asked_by.name}: stopping",
            "web stopped",
            "relay stopped",
        ]

    def test_starts_anew_what_was_killed_and_leaves_the_other_alone(self, log: Path) -> None:
        supervisor = _supervise([_obedient("web", log), _obedient("relay", log)])
        _wait_for(lambda: bool(_pids(log, "web") and _pids(log, "relay")))

        os.kill(_pids(log, "relay")[0], signal.SIGKILL)

        _wait_for(lambda: len(_pids(log, "relay")) == 2)
        supervisor.terminate()
        out, _ = supervisor.communicate(timeout=20)
        assert len(_pids(log, "web")) == 1
        assert "relay ended by SIGKILL; again in 1 s" in out

    def test_waits_longer_before_each_new_start(self) -> None:
        supervisor = _supervise([("broken", "raise SystemExit(3)")])
        assert supervisor.stdout is not None

        told = [supervisor.stdout.readline().strip() for _ in range(4)]

        supervisor.terminate()
        supervisor.communicate(timeout=20)
        assert [told[1], told[3]] == [
            "broken ended with status 3; again in 1 s",
            "broken ended with status 3; again in 2 s",
        ]

    def test_kills_what_does_not_end(self) -> None:
        supervisor = _supervise([("stubborn", STUBBORN)], grace_s=0.5)
        time.sleep(1.0)

        supervisor.terminate()

        out, _ = supervisor.communicate(timeout=20)
        assert out.splitlines()[-1] == "stubborn does not end; killed"
