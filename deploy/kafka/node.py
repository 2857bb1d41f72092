"""Fetches Apache Kafka with Maven and runs one KRaft node on free loopback ports."""

from __future__ import annotations

import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local_server import LocalServer, ServerUnavailable, free_port
from deploy.maven import made_once, need, run_maven

POM = Path(__file__).with_name("pom.xml")
START_TIMEOUT_S = 60

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
num.partitions=6
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
default.replication.factor=1
min.insync.replicas=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


KafkaUnavailable = ServerUnavailable


def fetch(*, home: Path) -> Path:
    """The folder with Kafka's jars below ``home``, fetched on first use.

    Processes that start at once wait for each other; the folder appears whole.
    """
    need("java")
    jars = home / "lib"
    with made_once(folder=jars, stamp=POM.read_text()) as is_missing:
        if is_missing:
            options = [f"-DoutputDirectory={jars}", "-DincludeScope=runtime"]
            run_maven(["-f", str(POM), "dependency:copy-dependencies", *options], what="Kafka")
    return jars


class KafkaNode(LocalServer):
    """One broker and controller; its data, settings and log lie in a folder of its own."""

    log_name = "kafka.log"

    def __init__(self, *, jars: Path, folder: Path, port: int | None = None) -> None:
        super().__init__(folder=folder)
        self.port = port or free_port()
        self._controller_port = free_port()
        self._jars = jars

    @property
    def bootstrap(self) -> str:
        """What clients connect to: ``host:port``."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Formats the data folder on first use, starts the node and waits until it answers."""
        settings = self._write_settings()
        if not (self.folder / "data").exists():
            self._run_tool(
                "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", str(settings)
            )
        self._run([*self._java("-Xmx512m", "-Xms256m"), "kafka.Kafka", str(settings)])
        self._wait_until_it_answers()

    def _write_settings(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "server.properties"
        path.write_text(
            _PROPERTIES.format(
                port=self.port, controller_port=self._controller_port, data=self.folder / "data"
            )
        )
        return path

    def _java(self, *options: str) -> list[str]:
        log_options = [
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
        ]
        return ["java", *options, *log_options, "-cp", f"{self._jars}/*"]

    def _run_tool(self, *arguments: str) -> None:
        result = subprocess.run(
            [*self._java("-Xmx256m"), *arguments],
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            check=False,
        )
        if result.returncode:
            raise KafkaUnavailable(f"{arguments[0]}: {(result.stdout + result.stderr)[-2000:]}")

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise KafkaUnavailable(f"the node ended: {self.log_path.read_text()[-2000:]}")
            try:
                if admin.list_topics(timeout=1).brokers:
                    return
            except KafkaException:
                time.sleep(0.2)
        self.kill()
        raise KafkaUnavailable(f"the node does not answer: {self.log_path.read_text()[-2000:]}")


def cluster_id(random: uuid.UUID | None = None) -> str:
    """A name for a new cluster: 22 characters of URL-safe base64.

    One in 64 would begin with a dash, which Kafka's tool takes for an option; those begin with
    an A instead.
    """
    name = urlsafe_b64encode((random or uuid.uuid4()).bytes).decode().rstrip("=")
    return f"A{name[1:]}" if name.startswith("-") else name
