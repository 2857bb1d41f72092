"""A change by the API arrives on a real Kafka's topic as the contract says."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from confluent_kafka import Consumer

from deploy.kafka import KafkaNode
from ossrep.infra.outbox.kafka import KafkaTransport
from ossrep.infra.outbox.running import Running, run_relay_in_threads
from ossrep.infra.outbox.topics import prepare_topics
from tests.integration.market.rest.test_service_points import INSTANT, WHOLE, Caller
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.kafka
TOPIC = "service-point-events"
WAIT_S = 40


def _relay(bootstrap: str) -> int:
    return run_relay_in_threads(
        contexts=["market"],
        make_transport=lambda: KafkaTransport(bootstrap=bootstrap),
        how=Running(until_empty=True, timeout_s=60),
        threads=1,
    )


def _of_point(bootstrap: str, point_id: int, *, count: int) -> list[dict[str, Any]]:
    """Bodies of the point's records in the order of the topic."""
    client = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    client.subscribe([TOPIC])
    found: list[dict[str, Any]] = []
    give_up_at = time.monotonic() + WAIT_S
    while len(found) < count and time.monotonic() < give_up_at:
        for record in client.consume(100, 0.5):
            assert record.error() is None
            body = json.loads(record.value() or b"")
            if body["servicePoint"]["servicePointId"] == point_id:
                found.append(body)
    client.close()
    return found


class TestServicePointEvents:
    def test_reach_the_topic_in_order_with_the_whole_service_point(
        self, kafka_node: KafkaNode, fresh_database: str, token_issuer: TokenIssuer
    ) -> None:
        prepare_topics(bootstrap=kafka_node.bootstrap, contexts=["market"])
        admin = Caller(token_issuer.token(roles=["centerpoint-service-point-admin"]))
        made = admin.send("POST", "", WHOLE).json()
        path = f"/{made['servicePointId']}"
        changed = admin.send("PUT", path, {**WHOLE, "status": "Inactive"}).json()
        assert admin.send("DELETE", path).status_code == 204

        assert _relay(kafka_node.bootstrap) == 3

        bodies = _of_point(kafka_node.bootstrap, made["servicePointId"], count=3)
        assert [sorted(body) for body in bodies] == [["eventType", "servicePoint", "timestamp"]] * 3
        assert [body["eventType"] for body in bodies] == [
            "SERVICE_POINT_CREATED",
            "SERVICE_POINT_UPDATED",
            "SERVICE_POINT_DELETED",
        ]
        assert [body["servicePoint"] for body in bodies] == [made, changed, changed]
        assert all(INSTANT.fullmatch(body["timestamp"]) for body in bodies)
