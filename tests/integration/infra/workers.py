"""Relays and consumers in processes of their own, cheap to start and to kill.

``python -m tests.integration.infra.workers`` sets the product up once and then forks a child for
each line on its input: ``relay`` or ``consume NAME``. The child's process id is the answer.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
EVENTS_PER_STEP = 160


class Workers:
    """The mother process, seen from a test."""

    def __init__(self, *, bootstrap: str) -> None:
        self._mother = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env={**os.environ, "OSSREP_KAFKA_BOOTSTRAP": bootstrap},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def start(self, work: str) -> int:
        """Forks a child; its process id."""
        assert self._mother.stdin is not None
        self._mother.stdin.write(f"{work}\n")
        self._mother.stdin.flush()
        return int(self._answer())

    def kill_at_random_points(self, work: str, *, kills: int, longest_s: float, seed: int) -> int:
        """Starts children one after the other and kills each; how many it met still alive."""
        chance = random.Random(seed)
        met = 0
        for _ in range(kills):
            child = self.start(work)
            time.sleep(chance.uniform(0.0, longest_s))
            met += kill(child)
        return met

    def stop(self) -> None:
        """Ends the mother process."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.wait(20)
        self._mother.stdout.close()

    def _answer(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().strip()


def kill(child: int) -> bool:
    """kill -9; False when the child had ended by itself."""
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _relay() -> None:
    from ossrep.infra.outbox.kafka import KafkaTransport
    from ossrep.infra.outbox.running import Running, run_relay

    run_relay(
        contexts=["billing"],
        transport=KafkaTransport(bootstrap=os.environ["OSSREP_KAFKA_BOOTSTRAP"]),
        how=Running(events_per_step=EVENTS_PER_STEP),
    )


def _consume(name: str) -> None:
    from ossrep.infra.inbox.consuming import Consuming, consume
    from tests.integration.infra.facts import TableKeeping

    consume(
        consumers=[TableKeeping().consumer(name=name)],
        bootstrap=os.environ["OSSREP_KAFKA_BOOTSTRAP"],
        how=Consuming(overrides={"session.timeout.ms": 1500, "heartbeat.interval.ms": 300}),
    )


def main() -> None:
    """The mother process: nothing but forks; it holds no connection and no thread."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    import confluent_kafka  # noqa: F401

    # The dead are buried at once, so that a test's kill finds them gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        work, *arguments = line.split()
        child = os.fork()
        if child == 0:
            devnull = os.open(os.devnull, os.O_RDWR)
            os.dup2(devnull, 0)
            os.dup2(devnull, 1)
            {"relay": _relay, "consume": _consume}[work](*arguments)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
