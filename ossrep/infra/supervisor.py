"""Runs a few programs side by side: starts them anew when they end, stops them in order.

Made to be process 1 of a container as well: it buries orphans, and SIGTERM or Ctrl-C ends each
program in turn, the first one first (the web takes no more requests, then the relay empties its
hands), with a limit on how long each may take.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PAUSE_FIRST_S = 1.0
PAUSE_MAX_S = 30.0
STEADY_AFTER_S = 60.0
GRACE_S = 15.0

_WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}


@dataclass(frozen=True, slots=True)
class Program:
    """A name for people and the command that runs it."""

    name: str
    command: Sequence[str]


@dataclass(slots=True)
class _Running:
    program: Program
    pid: int = 0
    started: float = 0.0
    start_at: float = 0.0
    pause_s: float = PAUSE_FIRST_S


class Supervisor:
    """Keeps programs running until the process is asked to stop."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        tell: Callable[[str], None],
        grace_s: float = GRACE_S,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._all = [_Running(program) for program in programs]
        self._tell = tell
        self._grace_s = grace_s
        self._environment = dict(os.environ if environment is None else environment)

    def run(self) -> None:
        """Starts all and returns when SIGTERM or SIGINT came and all have ended."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            while True:
                self._start_those_due()
                received = signal.sigtimedwait(_WATCHED, self._seconds_to_next_start())
                self._bury_the_dead()
                if received is not None and received.si_signo != signal.SIGCHLD:
                    self._tell(f"{signal.Signals(received.si_signo).name}: stopping")
                    break
        finally:
            self._stop_all()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for running in self._all:
            if running.pid == 0 and running.start_at <= now:
                # A group of its own, so that Ctrl-C reaches only this process.
                running.pid = os.posix_spawnp(
                    running.program.command[0],
                    list(running.program.command),
                    self._environment,
                    setpgroup=0,
                    setsigmask=[],
                )
                running.started = now
                self._tell(f"{running.program.name} runs as process {running.pid}")

    def _seconds_to_next_start(self) -> float:
        now = time.monotonic()
        waits = [running.start_at - now for running in self._all if running.pid == 0]
        return max(0.0, min(waits, default=PAUSE_MAX_S))

    def _bury_the_dead(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for running in self._all:
                if running.pid == pid:
                    self._note_end(running, os.waitstatus_to_exitcode(status))

    def _note_end(self, running: _Running, status: int) -> None:
        now = time.monotonic()
        running.pid = 0
        if now - running.started >= STEADY_AFTER_S:
            running.pause_s = PAUSE_FIRST_S
        running.start_at = now + running.pause_s
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        self._tell(f"{running.program.name} ended {how}; again in {running.pause_s:g} s")
        running.pause_s = min(PAUSE_MAX_S, running.pause_s * 2)

    def _stop_all(self) -> None:
        for running in self._all:
            if running.pid:
                self._stop(running)

    def _stop(self, running: _Running) -> None:
        pid = running.pid
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace_s
        while running.pid and time.monotonic() < deadline:
            signal.sigtimedwait({signal.SIGCHLD}, 0.2)
            self._bury_quietly(running)
        if running.pid:
            self._tell(f"{running.program.name} does not end; killed")
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            running.pid = 0
        else:
            self._tell(f"{running.program.name} stopped")

    def _bury_quietly(self, running: _Running) -> None:
        try:
            pid, _ = os.waitpid(running.pid, os.WNOHANG)
        except ChildProcessError:
            pid = running.pid
        if pid == running.pid:
            running.pid = 0
