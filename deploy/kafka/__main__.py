"""``make kafka``: fetches and runs one Kafka node in ``var/kafka`` until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from deploy.kafka.node import KafkaNode, KafkaUnavailable, fetch

HOME = Path(__file__).resolve().parents[2] / "var" / "kafka"


def main(argv: list[str]) -> int:
    """Runs the node in the foreground; status 1 with the reason when it cannot run."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka")
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument("--fetch-only", action="store_true", help="only fetch the jars")
    options = parser.parse_args(argv)
    try:
        jars = fetch(home=HOME)
        if options.fetch_only:
            print(f"Kafka's jars lie in {jars}")
            return 0
        node = KafkaNode(jars=jars, folder=HOME / "node", port=options.port)
        node.start()
    except KafkaUnavailable as reason:
        print(f"Kafka cannot run: {reason}", file=sys.stderr)
        return 1
    print(f"Kafka answers at {node.bootstrap}; log: {node.log_path}; Ctrl-C stops it.")
    print(f"Use it with: OSSREP_KAFKA_BOOTSTRAP={node.bootstrap}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        return node.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        node.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
