"""``manage.py serve`` as a newcomer meets it: the printed password opens, it ends cleanly."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
START_TIMEOUT_S = 60


class Served:
    """A running server, its printed lines and a browser without a face."""

    def __init__(self, database_name: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port), "--workers", "1"],
            cwd=ROOT,
            env={
                **os.environ,
                "OSSREP_DATABASE_NAME": database_name,
                "OSSREP_LOG_FORMAT": "json",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(jar)
        self.printed = ""

    def wait(self) -> None:
        assert self._process.stdout is not None
        while "relay runs" not in self.printed:
            line = self._process.stdout.readline()
            assert line, self.printed
            self.printed += line
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.get("/admin/login/")
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, "does not answer"
                time.sleep(0.1)
            else:
                return

    def get(self, path: str) -> str:
        with self._browser.open(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            text: str = answer.read().decode()
            return text

    def sign_in(self, username: str, password: str) -> str:
        token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', self.get("/admin/login/"))[0]
        fields = {"username": username, "password": password, "csrfmiddlewaretoken": token}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/admin/login/?next=/admin/",
            data=urllib.parse.urlencode(fields).encode(),
            headers={"Referer": f"http://127.0.0.1:{self.port}/admin/login/"},
        )
        with self._browser.open(request, timeout=20) as answer:
            text: str = answer.read().decode()
            return text

    def stop(self) -> tuple[int, str, str]:
        """Asks it to end; status, what it printed after, its log."""
        self._process.terminate()
        out, err = self._process.communicate(timeout=60)
        return self._process.returncode, out, err


@pytest.fixture
def served(fresh_database: str) -> Iterator[Served]:
    server = Served(fresh_database)
    server.wait()
    yield server
    server.stop()


class TestServe:
    def test_lets_a_newcomer_in_and_ends_cleanly(self, served: Served) -> None:
        password = re.findall(r"password: (\S+)", served.printed)[0]

        refused = served.sign_in("admin", "guessed")
        home = served.sign_in("admin", password)
        styles = served.get("/static/admin/css/base.css")
        status, out, log = served.stop()

        assert "Please enter the correct username and password" in refused
        assert "Work and records" in home
        assert "--primary" in styles
        assert status == 0
        assert out.splitlines()[-1] == "relay stopped"
        requests = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        finished = [r for r in requests if r["event"] == "request_finished"]
        assert {"code", "request", "request_id", "user_id"} <= set(finished[-1])


class TestServeOnATakenPort:
    def test_says_so(self, fresh_database: str) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = subprocess.run(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )

        assert result.returncode == 1
        assert result.stderr == (
            f"127.0.0.1:{port}: cannot listen: Address already in use; choose another with --port\n"
        )
