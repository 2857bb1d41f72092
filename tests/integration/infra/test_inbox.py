"""Each event's effect once, in order; what fails parks its own aggregate only."""

from __future__ import annotations

import dataclasses
import json
import uuid

import pytest
from django.db import OperationalError

from ossrep.infra.inbox import apply, find_consumers
from ossrep.infra.inbox.parking import NotParked, unpark
from ossrep.infra.outbox.messages import Message
from tests.integration.infra.facts import Keeping, Noted, rows

pytestmark = pytest.mark.django_db(databases="__all__")


def _message(sheet: str, seq: int, *, incarnation: int = 1) -> Message:
    return Message(
        event_id=str(uuid.uuid4()),
        event_type=Noted.event_type,
        aggregate_type="sheet",
        aggregate_id=sheet,
        incarnation=incarnation,
        seq=seq,
        payload=json.dumps({"sheet": sheet, "number": seq}),
        headers="{}",
    )


def _parked() -> list[tuple[str, int, str]]:
    return rows("meter", "SELECT aggregate_id, seq, error FROM inbox_parked ORDER BY 1, 2")


class TestApply:
    def test_applies_events_in_order_in_one_batch(self) -> None:
        kept = Keeping()

        applied = apply(
            consumer=kept.consumer(),
            messages=[_message("a", 1), _message("b", 1), _message("a", 2), _message("a", 3)],
        )

        assert applied.handled == 4
        assert kept.numbers("a") == [1, 2, 3]

    def test_drops_repeats(self) -> None:
        kept = Keeping()
        messages = [_message("a", 1), _message("a", 2), _message("a", 1), _message("a", 2)]

        first = apply(consumer=kept.consumer(), messages=messages)
        second = apply(consumer=kept.consumer(), messages=messages)

        assert (first.handled, first.repeated) == (2, 2)
        assert (second.handled, second.repeated) == (0, 4)
        assert kept.numbers("a") == [1, 2]

    def test_without_the_inbox_repeats_would_be_applied(self) -> None:
        kept = Keeping()
        handler = kept.consumer().handlers[Noted.event_type]

        for message in [_message("a", 1), _message("a", 1)]:
            handler(message.envelope())

        assert kept.numbers("a") == [1, 1]

    def test_keeps_consumers_apart(self) -> None:
        kept = Keeping()

        apply(consumer=kept.consumer(name="one"), messages=[_message("a", 1)])
        apply(consumer=kept.consumer(name="two"), messages=[_message("a", 1)])

        assert kept.numbers("a") == [1, 1]

    def test_parks_an_aggregate_with_a_hole_and_goes_on_with_others(self) -> None:
        kept = Keeping()
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", 1)])

        applied = apply(
            consumer=consumer, messages=[_message("a", 3), _message("a", 4), _message("b", 1)]
        )

        assert (applied.handled, applied.parked) == (1, 2)
        assert kept.numbers("a") == [1]
        assert _parked() == [
            ("a", 3, "a hole: the inbox stands at 1, this is 3"),
            ("a", 4, "waits: the aggregate is parked"),
        ]

    def test_parks_a_failing_event_after_five_tries_and_goes_on_with_others(self) -> None:
        kept = Keeping()
        kept.fails_on = {("a", 2)}

        applied = apply(
            consumer=kept.consumer(),
            messages=[_message("a", 1), _message("a", 2), _message("b", 1), _message("a", 3)],
        )

        assert (applied.handled, applied.parked) == (2, 2)
        assert applied.problems == ["billing.noted.v1 sheet:a#2: ValueError: cannot use a#2"]
        assert _parked() == [
            ("a", 2, "ValueError: cannot use a#2"),
            ("a", 3, "waits: the aggregate is parked"),
        ]

    def test_raises_what_heals_and_parks_nothing(self) -> None:
        def lose_the_connection(_: object) -> None:
            raise OperationalError("server closed the connection")

        consumer = dataclasses.replace(
            Keeping().consumer(), handlers={Noted.event_type: lose_the_connection}
        )

        with pytest.raises(OperationalError):
            apply(consumer=consumer, messages=[_message("a", 1)])

        assert _parked() == []
        assert rows("meter", "SELECT count(*) FROM inbox_stream") == [(0,)]

    def test_takes_a_new_incarnation_for_new_truth_and_reloads(self) -> None:
        kept = Keeping()
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", n) for n in range(1, 6)])

        applied = apply(consumer=consumer, messages=[_message("a", 3, incarnation=2)])

        assert applied.handled == 1
        assert kept.reloaded == [("sheet", "a")]
        assert rows("meter", "SELECT incarnation, last_seq FROM inbox_stream") == [(2, 3)]

    def test_without_a_new_incarnation_the_new_truth_would_be_dropped(self) -> None:
        kept = Keeping()
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", n) for n in range(1, 6)])

        applied = apply(consumer=consumer, messages=[_message("a", 3)])

        assert (applied.handled, applied.repeated) == (0, 1)

    def test_drops_what_comes_late_from_an_old_incarnation(self) -> None:
        kept = Keeping()
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", 3, incarnation=2)])

        applied = apply(consumer=consumer, messages=[_message("a", 9, incarnation=1)])

        assert (applied.handled, applied.repeated) == (0, 1)


class TestUnpark:
    def test_replays_the_kept_events_in_order(self) -> None:
        kept = Keeping()
        kept.fails_on = {("a", 2)}
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", n) for n in (1, 2, 3)])
        kept.fails_on = set()

        applied = unpark(consumer=consumer, aggregate_type="sheet", aggregate_id="a")
        after = apply(consumer=consumer, messages=[_message("a", 4)])

        assert (applied.handled, after.handled) == (2, 1)
        assert kept.numbers("a") == [1, 2, 3, 4]
        assert _parked() == []

    def test_parks_again_what_fails_again(self) -> None:
        kept = Keeping()
        kept.fails_on = {("a", 2)}
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", n) for n in (1, 2, 3)])

        applied = unpark(consumer=consumer, aggregate_type="sheet", aggregate_id="a")

        assert (applied.handled, applied.parked) == (0, 2)
        assert [(row[0], row[1]) for row in _parked()] == [("a", 2), ("a", 3)]

    def test_keeps_a_hole_parked_unless_it_is_accepted(self) -> None:
        kept = Keeping()
        consumer = kept.consumer()
        apply(consumer=consumer, messages=[_message("a", 1), _message("a", 3)])

        refused = unpark(consumer=consumer, aggregate_type="sheet", aggregate_id="a")
        accepted = unpark(
            consumer=consumer, aggregate_type="sheet", aggregate_id="a", accept_hole=True
        )

        assert (refused.handled, refused.parked) == (0, 1)
        assert accepted.handled == 1
        assert kept.numbers("a") == [1, 3]

    def test_refuses_what_is_not_parked(self) -> None:
        with pytest.raises(NotParked, match="sheet:a: nothing is parked"):
            unpark(consumer=Keeping().consumer(), aggregate_type="sheet", aggregate_id="a")


class TestFindConsumers:
    def test_knows_only_contexts_with_handlers(self) -> None:
        for consumer in find_consumers():
            assert consumer.name == consumer.context
            assert consumer.sources
