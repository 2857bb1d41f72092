"""Files that Maven fetches once, and that processes which start at once wait for."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local_server import ServerUnavailable

FETCH_TIMEOUT_S = 300
_STAMP = ".complete"


def need(tool: str) -> None:
    """Raises ServerUnavailable where the tool is not installed."""
    if shutil.which(tool) is None:
        raise ServerUnavailable(f"{tool} is not installed")


@contextlib.contextmanager
def made_once(*, folder: Path, stamp: str) -> Iterator[bool]:
    """True where ``folder`` has to be filled: it is empty then, and whole when the block ends.

    ``stamp`` says what is in it; a folder with another stamp is emptied.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    kept = folder / _STAMP
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists() and kept.read_text() == stamp:
            yield False
            return
        shutil.rmtree(folder, ignore_errors=True)
        yield True
        kept.write_text(stamp)


def run_maven(arguments: Sequence[str], *, what: str) -> None:
    """Runs Maven quietly. Raises ServerUnavailable with what it said."""
    need("mvn")
    try:
        result = subprocess.run(
            ["mvn", "-q", "-B", *arguments],
            capture_output=True,
            text=True,
            timeout=FETCH_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServerUnavailable(f"Maven took more than {FETCH_TIMEOUT_S} s") from error
    if result.returncode:
        told = (result.stdout + result.stderr)[-2000:]
        raise ServerUnavailable(f"Maven cannot fetch {what}: {told}")
