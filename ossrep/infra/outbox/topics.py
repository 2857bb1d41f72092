"""The topics and the number of their partitions, recorded: another number would break order."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.infra.models import BrokerTopic
from ossrep.infra.outbox import kafka
from ossrep.infra.outbox.messages import topics_of

PARTITIONS_DEFAULT = 6


def prepare_topics(*, bootstrap: str, contexts: Sequence[str]) -> None:
    """Creates missing topics, records new ones, refuses those whose partitions changed.

    A key's partition follows from their number; with another number the events of one aggregate
    would lie in two partitions. To change it: stop what writes, let relay and consumers run dry,
    change the topic, then ``manage.py outbox accept-partitions``.
    """
    found = kafka.partition_counts(bootstrap=bootstrap)
    for topic in _topics(contexts):
        recorded = BrokerTopic.objects.filter(topic=topic).first()
        if topic not in found:
            count = recorded.partitions if recorded else PARTITIONS_DEFAULT
            kafka.create_topic(bootstrap=bootstrap, topic=topic, partitions=count)
            found[topic] = count
        if recorded is None:
            BrokerTopic.objects.get_or_create(topic=topic, defaults={"partitions": found[topic]})
        elif recorded.partitions != found[topic]:
            raise kafka.TopicChanged(
                f"has {found[topic]} partitions, recorded are {recorded.partitions}; "
                "drain it, then run: manage.py outbox accept-partitions",
                where=topic,
            )


def accept_partitions(*, bootstrap: str, contexts: Sequence[str]) -> dict[str, int]:
    """Records the present number of partitions of each topic; only after it ran dry."""
    found = kafka.partition_counts(bootstrap=bootstrap)
    accepted = {topic: found[topic] for topic in _topics(contexts) if topic in found}
    for topic, partitions in accepted.items():
        BrokerTopic.objects.update_or_create(topic=topic, defaults={"partitions": partitions})
    return accepted


def _topics(contexts: Sequence[str]) -> Sequence[str]:
    return [topic for context in contexts for topic in topics_of(context)]
