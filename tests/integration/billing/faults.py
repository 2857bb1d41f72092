"""Faults in a worker process: it dies, stands still or loses its connection at statement ``n``.

Statements are counted where psycopg sends them (execute, executemany, copy, commit), each with
a place before and one after it, so that no line of the product knows of it.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connections

from ossrep.infra.database import superuser_connection

Fault = Callable[[], None]
Work = Callable[[], object]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def lose_connection() -> None:
    """The server ends this worker's session."""
    settings = connections["billing"].settings_dict
    pid = connections["billing"].connection.info.backend_pid
    with superuser_connection(settings, dbname=settings["NAME"]) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    time.sleep(0.05)


class FaultAt:
    """Runs the fault at the given place; places 2k and 2k+1 are before and after statement k."""

    def __init__(self, place: int, fault: Fault) -> None:
        self.place = place
        self.fault = fault
        self.seen = 0

    def arm(self) -> None:
        for owner, name in (
            (psycopg.Cursor, "execute"),
            (psycopg.Cursor, "executemany"),
            (psycopg.Cursor, "copy"),
            (psycopg.Connection, "commit"),
        ):
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def counted(target: Any, *args: Any, **kwargs: Any) -> Any:
            if _is_commit_of_nothing(target, original):
                return original(target, *args, **kwargs)
            self._pass()
            try:
                return original(target, *args, **kwargs)
            finally:
                self._pass()

        return counted

    def _pass(self) -> None:
        if self.seen == self.place:
            self.seen += 1
            self.fault()
        else:
            self.seen += 1


def _is_commit_of_nothing(target: Any, original: Callable[..., Any]) -> bool:
    return original.__name__ == "commit" and (
        target.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    )


def fork(work: Work, *, before: Callable[[], None] = lambda: None) -> int:
    """A child process that does the work and ends; gives its pid."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        before()
        work()
        connections.close_all()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def wait(pid: int) -> int:
    """0, the exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def settle(database: str, *, seconds: float = 10.0) -> None:
    """Waits until the server has noticed that the children are gone."""
    settings = connections["billing"].settings_dict
    connections.close_all()
    with superuser_connection(settings, dbname="postgres") as other:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            row = other.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database]
            ).fetchone()
            if row == (0,):
                return
            time.sleep(0.005)
    raise TimeoutError(f"sessions of {database} stay")
