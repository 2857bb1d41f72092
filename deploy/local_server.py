"""A server of a test, a bench or a developer: one process with a log, on a free loopback port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_TIMEOUT_S = 20


class ServerUnavailable(Exception):
    """A tool is missing, the files cannot be fetched, or the server does not start."""


class LocalServer:
    """One process; its data, settings and log lie in a folder of its own."""

    log_name = "server.log"

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log_path(self) -> Path:
        """What the server says."""
        return self.folder / self.log_name

    def stop(self) -> None:
        """Ends the server in order; kills it when it does not end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server without a chance to tidy up."""
        self._end(signal.SIGKILL)

    def wait(self) -> int:
        """Waits until the server ends by itself; its exit status."""
        assert self._process is not None
        return self._process.wait()

    def _run(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=environment
            )
        return self._process

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        os.kill(self._process.pid, how)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
