"""A real Redis server on a free loopback port, for the tests that name it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import redis

START_TIMEOUT_S = 10


class RedisUnavailable(Exception):
    """redis-server is not installed or does not start."""


class RedisServer:
    """One server; its data and log lie in a folder of its own."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise RedisUnavailable("redis-server is not installed")
        options = ["--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(self._folder)]
        log = self._folder / "redis.log"
        self._process = subprocess.Popen(
            [program, *options, "--save", "", "--logfile", str(log)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RedisUnavailable(f"does not answer: {log.read_text()[-500:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_TIMEOUT_S)

    def _answers(self) -> bool:
        with redis.Redis(port=self._port) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False
