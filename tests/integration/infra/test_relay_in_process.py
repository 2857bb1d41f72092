"""The relay with the handlers of this process: order, holding back, quarantine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.infra.outbox import keeping
from ossrep.infra.outbox.relay import Relay, chains_of
from ossrep.infra.outbox.running import OutboxNotEmptied, Running, run_relay
from ossrep.infra.outbox.transports import Chain, Failure, InProcessTransport, Outcome
from tests.integration.infra.facts import Ignored, Keeping, Noted, notes, rows, write

pytestmark = pytest.mark.django_db(databases="__all__")


class Broker:
    """A transport that keeps what it takes and refuses what it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, int]] = []
        self.refuses: dict[tuple[str, int], bool] = {}

    def publish(self, *, context: str, chains: Sequence[Chain]) -> Outcome:
        outcome = Outcome()
        for chain in chains:
            for message in chain:
                key = (message.aggregate_id, message.seq)
                if key in self.refuses:
                    outcome.failures.append(
                        Failure(message, "refused", permanent=self.refuses[key])
                    )
                    break
                self.taken.append(key)
                outcome.acked.append(message.row_id)
        return outcome

    def close(self) -> None: ...


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def _drain(transport: Broker | InProcessTransport) -> int:
    return run_relay(
        contexts=["billing"], transport=transport, how=Running(until_empty=True, timeout_s=30)
    )


class TestRelay:
    def test_publishes_each_aggregate_in_its_order(self) -> None:
        write(*notes(sheets=20, each=5))
        broker = Broker()

        published = _drain(broker)

        assert published == 100
        for sheet in range(20):
            assert [n for s, n in broker.taken if s == f"s{sheet}"] == [1, 2, 3, 4, 5]
        assert rows("billing", "SELECT count(*) FROM outbox_event WHERE published_at IS NULL") == [
            (0,)
        ]
        assert_invariants(contexts=["billing"])

    def test_goes_through_more_than_one_window(self) -> None:
        write(*notes(sheets=1, each=50))
        broker = Broker()

        run_relay(
            contexts=["billing"],
            transport=broker,
            how=Running(until_empty=True, timeout_s=30, events_per_step=16 * 3),
        )

        assert broker.taken == [("s0", n) for n in range(1, 51)]

    def test_holds_back_the_followers_of_a_refused_event_only(self) -> None:
        write(*notes(sheets=2, each=3))
        broker = Broker()
        broker.refuses[("s0", 2)] = False
        relay = Relay(context="billing", transport=broker)

        step = relay.step()

        assert (step.published, step.failed, step.quarantined) == (4, 1, 0)
        assert ("s0", 3) not in broker.taken
        assert rows(
            "billing",
            "SELECT seq, attempts, last_error FROM outbox_event WHERE attempts > 0 "
            "AND published_at IS NULL",
        ) == [(2, 1, "refused")]

    def test_backs_off_longer_each_time_up_to_30_seconds(self) -> None:
        write(Noted(sheet="s0", number=1))
        broker, clock = Broker(), Clock()
        broker.refuses[("s0", 1)] = False
        relay = Relay(context="billing", transport=broker, monotonic=clock)
        pauses = []

        for _ in range(10):
            assert relay.step().failed == 1
            pauses.append(round(relay.seconds_to_wait(), 1))
            assert relay.step().is_idle
            clock.seconds += pauses[-1] + 0.01

        assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]

    def test_never_quarantines_what_an_outage_refuses(self) -> None:
        write(Noted(sheet="s0", number=1))
        broker, clock = Broker(), Clock()
        broker.refuses[("s0", 1)] = False
        relay = Relay(context="billing", transport=broker, monotonic=clock)

        for _ in range(20):
            relay.step()
            clock.seconds += 31

        assert keeping.depth(context="billing").quarantined == 0
        broker.refuses.clear()
        assert relay.step().published == 1

    def test_quarantines_what_can_never_be_taken_after_five_tries(self) -> None:
        write(*notes(sheets=2, each=3))
        broker, clock = Broker(), Clock()
        broker.refuses[("s0", 2)] = True
        relay = Relay(context="billing", transport=broker, monotonic=clock)

        quarantined = []
        for _ in range(6):
            quarantined.append(relay.step().quarantined)
            clock.seconds += 31
        write(*notes(sheets=2, each=1))
        relay.step()

        assert quarantined == [0, 0, 0, 0, 1, 0]
        assert broker.taken.count(("s1", 4)) == 1
        assert ("s0", 3) not in broker.taken
        assert keeping.is_empty(context="billing")
        assert keeping.depth(context="billing").unpublished == 3

    def test_publishes_a_quarantined_event_and_its_followers_when_let_go(self) -> None:
        write(*notes(sheets=1, each=3))
        broker, clock = Broker(), Clock()
        broker.refuses[("s0", 1)] = True
        relay = Relay(context="billing", transport=broker, monotonic=clock)
        for _ in range(5):
            relay.step()
            clock.seconds += 31
        broker.refuses.clear()

        assert keeping.retry_quarantined(context="billing") == 1
        assert relay.step().published == 3

        assert broker.taken == [("s0", 1), ("s0", 2), ("s0", 3)]

    def test_says_when_it_cannot_be_emptied(self) -> None:
        write(Noted(sheet="s0", number=1))
        broker = Broker()
        broker.refuses[("s0", 1)] = False

        with pytest.raises(OutboxNotEmptied, match=r"not empty after 0\.3 s"):
            run_relay(
                contexts=["billing"],
                transport=broker,
                how=Running(until_empty=True, timeout_s=0.3),
            )


class TestChainsOf:
    def test_are_the_aggregates_in_order(self) -> None:
        write(*notes(sheets=2, each=2))
        relay = Relay(context="billing", transport=Broker())

        chains = chains_of(relay._window(range(16)))

        assert sorted([(m.aggregate_id, m.seq) for m in chain] for chain in chains) == [
            [("s0", 1), ("s0", 2)],
            [("s1", 1), ("s1", 2)],
        ]


class TestKeepingTheOutbox:
    def test_prunes_what_was_published_long_ago_only(self) -> None:
        write(*notes(sheets=1, each=4))
        _drain(Broker())
        write(Noted(sheet="s0", number=5))
        rows(
            "billing",
            "UPDATE outbox_event SET published_at = now() - interval '15 days' "
            "WHERE seq <= 2 RETURNING 1",
        )

        assert keeping.prune(context="billing") == 2

        assert rows("billing", "SELECT seq FROM outbox_event ORDER BY 1") == [(3,), (4,), (5,)]
        assert_invariants(contexts=["billing"])

    def test_replays_a_whole_tail_in_order(self) -> None:
        write(*notes(sheets=2, each=4))
        broker = Broker()
        _drain(broker)
        broker.taken.clear()

        count = keeping.replay(
            context="billing", aggregate_type="sheet", aggregate_id="s1", from_seq=3
        )
        _drain(broker)

        assert count == 2
        assert broker.taken == [("s1", 3), ("s1", 4)]

    def test_refuses_to_replay_nothing(self) -> None:
        with pytest.raises(keeping.NothingToReplay, match="sheet:s9: no kept event from 1 on"):
            keeping.replay(context="billing", aggregate_type="sheet", aggregate_id="s9")

    def test_counts_what_waits(self) -> None:
        write(*notes(sheets=1, each=3))
        broker = Broker()
        broker.refuses[("s0", 2)] = False
        Relay(context="billing", transport=broker).step()

        depth = keeping.depth(context="billing")

        assert (depth.unpublished, depth.failing, depth.quarantined, depth.kept) == (2, 1, 0, 1)


class TestInProcessTransport:
    def test_gives_events_to_their_handlers_and_passes_others(self) -> None:
        write(*notes(sheets=2, each=2), Ignored(sheet="s0", number=9))
        keeping_consumer = Keeping()
        transport = InProcessTransport(consumers=[keeping_consumer.consumer()])

        assert _drain(transport) == 5

        assert keeping_consumer.numbers("s0") == [1, 2]
        assert (transport.applied.handled, transport.applied.passed) == (4, 1)
        assert rows(
            "meter",
            "SELECT consumer, aggregate_id, last_seq FROM inbox_stream ORDER BY 2",
        ) == [("meter", "s0", 3), ("meter", "s1", 2)]
