"""Another process of the API: verifies the tokens of its first line until each was refused.

It says ``in`` when all were let in once, then a line ``<place> <seconds>`` for each that is out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
LONGEST_S = 60.0


class VerifyingProcess:
    """The process, seen from a test."""

    def __init__(self, raw_tokens: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(raw_tokens) + "\n")
        self._process.stdin.flush()
        assert self._answer() == "in"

    def next_refused(self) -> int:
        """Waits for the next token that is refused; its place."""
        return int(self._answer())

    def stop(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait(20)
        self._process.stdout.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _work() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from ossrep.infra.auth.tokens import TokenRefused, verifier

    waiting = dict(enumerate(json.loads(sys.stdin.readline())))
    for raw in waiting.values():
        verifier().verify(raw)
    print("in", flush=True)
    until = time.monotonic() + LONGEST_S
    while waiting and time.monotonic() < until:
        for place, raw in list(waiting.items()):
            try:
                verifier().verify(raw)
            except TokenRefused:
                del waiting[place]
                print(place, flush=True)
        time.sleep(0.05)


if __name__ == "__main__":
    _work()
