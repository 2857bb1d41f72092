"""The servers of an end-to-end test: ours under granian, the portal's static files beside it."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import URLError

ROOT = Path(__file__).resolve().parents[2]
PORTAL = Path(__file__).parent / "portal"
START_TIMEOUT_S = 60


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the browser's own errors tell enough."""


class PortalServer:
    """The reference portal on an origin of its own."""

    def __init__(self) -> None:
        files = partial(_Files, directory=str(PORTAL))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), files)
        self.origin = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> PortalServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class ApiServer:
    """Both surfaces on one port, as ``manage.py serve`` runs them."""

    def __init__(self, *, port: int, portal: str, database_name: str, mail: Path) -> None:
        self.origin = f"http://localhost:{port}"
        self.issuer = f"{self.origin}/oidc"
        web = [sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"]
        web += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        web += ["--blocking-threads", "4", "--log-level", "warning", "--no-ws"]
        self._command = [*web, "--working-dir", str(ROOT)]
        self._environment = {
            **os.environ,
            "OSSREP_DATABASE_NAME": database_name,
            "OSSREP_OIDC_ISSUER": self.issuer,
            "OSSREP_CORS_ORIGINS": f'["{portal}"]',
            "OSSREP_EMAIL_URL": f"file://{mail}",
            "OSSREP_LOG_LEVEL": "ERROR",
        }

    def __enter__(self) -> ApiServer:
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            assert self._process.poll() is None, "the server ended at its start"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.issuer}/jwks", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False
