"""The relay and the consumers on a real Kafka: order, kills, two at once, and what guards them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence

import pytest
from confluent_kafka import Consumer as KafkaConsumer
from confluent_kafka import Producer
from django.db import connections

from deploy.kafka import KafkaNode
from ossrep.infra import database
from ossrep.infra.inbox.consuming import Consuming, consume
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.models import BrokerTopic
from ossrep.infra.outbox import keeping
from ossrep.infra.outbox.kafka import KafkaNotReachable, KafkaTransport, TopicChanged, parse
from ossrep.infra.outbox.relay import Relay
from ossrep.infra.outbox.running import Running, run_relay_in_threads
from ossrep.infra.outbox.topics import accept_partitions, prepare_topics
from tests.integration.infra.facts import Keeping, Noted, TableKeeping, rows, write
from tests.integration.infra.workers import Workers, kill

pytestmark = pytest.mark.kafka

Seen = list[tuple[str, int]]


@pytest.fixture
def bootstrap(kafka_node: KafkaNode, fresh_database: str) -> str:
    prepare_topics(bootstrap=kafka_node.bootstrap, contexts=["billing"])
    return kafka_node.bootstrap


@pytest.fixture
def workers(bootstrap: str) -> Iterator[Workers]:
    mother = Workers(bootstrap=bootstrap)
    yield mother
    mother.stop()


@pytest.fixture
def test_id() -> str:
    """The topic is the same for all tests; each looks at its own aggregates only."""
    return uuid.uuid4().hex[:8]


def _notes(test_id: str, *, sheets: int, each: int) -> list[Noted]:
    return [
        Noted(sheet=f"{test_id}-{s}", number=n) for n in range(1, each + 1) for s in range(sheets)
    ]


def _drain(bootstrap: str) -> int:
    return run_relay_in_threads(
        contexts=["billing"],
        make_transport=lambda: KafkaTransport(bootstrap=bootstrap),
        how=Running(until_empty=True, timeout_s=60),
        threads=2,
    )


def _read_topic(bootstrap: str, test_id: str) -> Seen:
    """(aggregate, seq) of this test's events in the order of their partitions."""
    client = KafkaConsumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    client.subscribe(["ossrep.billing"])
    seen: Seen = []
    ended: set[int] = set()
    partitions = len(client.list_topics("ossrep.billing").topics["ossrep.billing"].partitions)
    while len(ended) < partitions:
        for record in client.consume(1000, 1.0):
            if record.error():
                ended.add(record.partition())
                continue
            try:
                message = parse(record)
            except ValueError:
                continue
            if message.aggregate_id.startswith(test_id):
                seen.append((message.aggregate_id, message.seq))
    client.close()
    return seen


def _gaps(seen: Sequence[tuple[str, int]]) -> Seen:
    """Events that came before their predecessor; repeats are no gaps."""
    highest: dict[str, int] = {}
    found = []
    for aggregate, seq in seen:
        if seq > highest.get(aggregate, 0) + 1:
            found.append((aggregate, seq))
        highest[aggregate] = max(seq, highest.get(aggregate, 0))
    return found


def _expected(test_id: str, *, sheets: int, each: int) -> set[tuple[str, int]]:
    return {(f"{test_id}-{s}", n) for s in range(sheets) for n in range(1, each + 1)}


def _consume(bootstrap: str, kept: Keeping, name: str, *, until: int) -> None:
    """Consumes until so many of the test's events were kept, and a moment longer."""
    give_up_at = time.monotonic() + 45 + until / 200
    stop_at: list[float] = []

    def should_stop() -> bool:
        now = time.monotonic()
        if not stop_at and _kept(name) >= until:
            stop_at.append(now + 0.5)
        return now > give_up_at or bool(stop_at and now > stop_at[0])

    consume(
        consumers=[kept.consumer(name=name)],
        bootstrap=bootstrap,
        how=Consuming(should_stop=should_stop),
    )


def _kept(test_id: str) -> int:
    found = rows("meter", "SELECT count(*) FROM kept WHERE sheet LIKE %s", [f"{test_id}%"])
    count: int = found[0][0]
    return count


class TestRelayToKafka:
    def test_keeps_the_order_of_each_aggregate(self, bootstrap: str, test_id: str) -> None:
        write(*_notes(test_id, sheets=100, each=20))

        published = _drain(bootstrap)

        seen = _read_topic(bootstrap, test_id)
        assert published == 2000
        assert sorted(seen) == sorted(_expected(test_id, sheets=100, each=20))
        assert _gaps(seen) == []
        assert_invariants(contexts=["billing"])

    def test_puts_the_type_into_the_header_and_the_aggregate_into_the_key(
        self, bootstrap: str, test_id: str
    ) -> None:
        write(Noted(sheet=test_id, number=1))
        _drain(bootstrap)
        kept = Keeping()

        _consume(bootstrap, kept, test_id, until=1)

        assert kept.numbers(test_id) == [1]
        assert rows(
            "meter",
            "SELECT aggregate_type, last_seq FROM inbox_stream WHERE aggregate_id = %s",
            [test_id],
        ) == [("sheet", 1)]

    def test_without_the_head_rule_a_consumer_sees_gaps(self, bootstrap: str, test_id: str) -> None:
        for number in range(1, 5):
            write(*[Noted(sheet=f"{test_id}-{sheet}", number=number) for sheet in range(5)])

        _relay_with_skip_locked_in_the_wrong_order(bootstrap)

        seen = _read_topic(bootstrap, test_id)
        assert set(seen) == _expected(test_id, sheets=5, each=4)
        assert len(_gaps(seen)) == 5

    @pytest.mark.parametrize("kills", [12, pytest.param(200, marks=pytest.mark.long)])
    def test_loses_nothing_when_killed_anywhere(
        self, bootstrap: str, workers: Workers, test_id: str, kills: int
    ) -> None:
        sheets, each = 40, 5 * kills
        write(*_notes(test_id, sheets=sheets, each=each))

        met = workers.kill_at_random_points("relay", kills=kills, longest_s=0.35, seed=kills)
        _drain(bootstrap)

        seen = _read_topic(bootstrap, test_id)
        assert met == kills
        assert set(seen) == _expected(test_id, sheets=sheets, each=each)
        assert _gaps(seen) == []
        kept = Keeping()
        _consume(bootstrap, kept, test_id, until=sheets * each)
        assert kept.numbers(f"{test_id}-0") == list(range(1, each + 1))
        assert _kept(test_id) == sheets * each
        assert_invariants(contexts=["billing"])

    def test_two_relays_at_once_keep_the_order(
        self, bootstrap: str, workers: Workers, test_id: str
    ) -> None:
        children = [workers.start("relay") for _ in range(2)]
        for _ in range(20):
            write(*_notes(test_id, sheets=20, each=2))
        deadline = time.monotonic() + 60
        while not keeping.is_empty(context="billing") and time.monotonic() < deadline:
            time.sleep(0.1)
        for child in children:
            kill(child)

        seen = _read_topic(bootstrap, test_id)
        assert set(seen) == _expected(test_id, sheets=20, each=40)
        assert _gaps(seen) == []

    def test_a_zombie_whose_lock_is_gone_makes_no_gap(self, bootstrap: str, test_id: str) -> None:
        write(*_notes(test_id, sheets=10, each=10))
        zombie = _LocklessRelay(context="billing", transport=KafkaTransport(bootstrap=bootstrap))
        other = Relay(
            context="billing", transport=KafkaTransport(bootstrap=bootstrap), events_per_step=64
        )

        window = zombie._window(range(16))
        other.step()
        zombie.window = window
        zombie.step()
        while not other.step().is_idle:
            pass

        seen = _read_topic(bootstrap, test_id)
        assert len(seen) > 100
        assert set(seen) == _expected(test_id, sheets=10, each=10)
        assert _gaps(seen) == []


class TestConsumeFromKafka:
    def test_drops_what_a_relay_repeats_after_a_crash_before_its_mark(
        self, bootstrap: str, test_id: str
    ) -> None:
        write(*_notes(test_id, sheets=3, each=3))
        _publish_without_marking(bootstrap)
        _drain(bootstrap)
        with_inbox, seen = Keeping(), _read_topic(bootstrap, test_id)

        _consume(bootstrap, with_inbox, test_id, until=9)

        assert len(seen) == 18
        assert [with_inbox.numbers(f"{test_id}-{s}") for s in range(3)] == [[1, 2, 3]] * 3

    def test_without_the_inbox_the_repeats_have_an_effect(
        self, bootstrap: str, test_id: str
    ) -> None:
        write(Noted(sheet=test_id, number=1))
        _publish_without_marking(bootstrap)
        _drain(bootstrap)

        effects = [seq for _, seq in _read_topic(bootstrap, test_id)]

        assert effects == [1, 1]

    @pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.long)])
    def test_applies_each_event_once_when_killed_anywhere(
        self, bootstrap: str, workers: Workers, test_id: str, kills: int
    ) -> None:
        TableKeeping.create_table()
        write(*_notes(test_id, sheets=50, each=60))
        _drain(bootstrap)

        met = workers.kill_at_random_points(
            f"consume {test_id}", kills=kills, longest_s=2.5, seed=kills
        )
        _consume(bootstrap, TableKeeping(), test_id, until=3000)

        assert met == kills
        assert rows(
            "meter",
            "SELECT count(*), count(DISTINCT (sheet, number)) FROM kept WHERE sheet LIKE %s",
            [f"{test_id}%"],
        ) == [(3000, 3000)]

    def test_passes_over_a_record_that_is_no_event(self, bootstrap: str, test_id: str) -> None:
        producer = Producer({"bootstrap.servers": bootstrap})
        producer.produce("ossrep.billing", key="x", value=b"\xff not ours")
        producer.flush(10)
        write(Noted(sheet=test_id, number=1))
        _drain(bootstrap)
        kept = Keeping()

        _consume(bootstrap, kept, test_id, until=1)

        assert kept.numbers(test_id) == [1]


class TestTopics:
    def test_refuses_another_number_of_partitions(self, bootstrap: str) -> None:
        BrokerTopic.objects.filter(topic="ossrep.billing").update(partitions=4)

        with pytest.raises(TopicChanged, match=r"ossrep.billing: has 6 partitions, recorded are 4"):
            prepare_topics(bootstrap=bootstrap, contexts=["billing"])

        assert accept_partitions(bootstrap=bootstrap, contexts=["billing"]) == {"ossrep.billing": 6}
        prepare_topics(bootstrap=bootstrap, contexts=["billing"])

    def test_says_when_no_broker_answers(self, fresh_database: str) -> None:
        with pytest.raises(KafkaNotReachable, match=r"127\.0\.0\.1:1: "):
            prepare_topics(bootstrap="127.0.0.1:1", contexts=["billing"])


class TestOutage:
    def test_waits_for_a_broker_that_is_away_and_quarantines_nothing(
        self, fresh_database: str, test_id: str
    ) -> None:
        write(Noted(sheet=test_id, number=1))
        transport = KafkaTransport(
            bootstrap="127.0.0.1:1", overrides={"delivery.timeout.ms": 400, "retries": 1}
        )
        relay = Relay(context="billing", transport=transport)

        step = relay.step()

        assert (step.published, step.failed, step.quarantined) == (0, 1, 0)
        assert rows("billing", "SELECT attempts, last_error FROM outbox_event") == [
            (1, "_MSG_TIMED_OUT: Local: Message timed out")
        ]


def _publish_without_marking(bootstrap: str) -> None:
    """A relay that dies between the broker's acknowledgement and its mark."""
    relay = Relay(context="billing", transport=KafkaTransport(bootstrap=bootstrap))
    relay._mark = _die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        relay.step()


def _die(row_ids: Sequence[int]) -> None:
    raise KeyboardInterrupt


class _LocklessRelay(Relay):
    """A relay that went on after its database connection, and so its locks, were lost."""

    window: list = []

    def _lock(self, shards):
        return list(shards)

    def _unlock(self, shards):
        pass

    def _window(self, shards):
        return self.window or super()._window(shards)


def _relay_with_skip_locked_in_the_wrong_order(bootstrap: str) -> None:
    """Two relays as often written: rows by SKIP LOCKED, no head rule; the second is faster."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    entry = connections["billing"].settings_dict
    take = (
        "SELECT aggregate_type || ':' || aggregate_id, event_id::text, event_type, aggregate_type, "
        "aggregate_id, incarnation::text, seq::text, payload::text FROM billing.outbox_event "
        "WHERE published_at IS NULL ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED"
    )
    names = ["event_id", "event_type", "aggregate_type", "aggregate_id", "incarnation", "seq"]
    with (
        database.superuser_connection(entry, dbname=entry["NAME"], autocommit=False) as first,
        database.superuser_connection(entry, dbname=entry["NAME"], autocommit=False) as second,
    ):
        slow = first.execute(take).fetchall()
        fast = second.execute(take).fetchall()
        for key, *values, payload in fast + slow:
            headers = [*zip(names, values, strict=True), ("headers", "{}")]
            producer.produce("ossrep.billing", key=key, value=payload, headers=headers)
        producer.flush(10)
