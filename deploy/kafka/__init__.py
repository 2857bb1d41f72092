"""A real single-node Apache Kafka for tests, benches and a developer's machine."""

from deploy.kafka.node import KafkaNode, KafkaUnavailable, fetch

__all__ = ["KafkaNode", "KafkaUnavailable", "fetch"]
