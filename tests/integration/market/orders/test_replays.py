"""Each process under every order of its messages, with duplicates, with one answer missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations

import pytest
from django.db import transaction

from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.models import Deadline, Order, OutboxEvent, WaitingMessage, WorkItem
from ossrep.market.usecases.deadlines import run_clock
from ossrep.market.usecases.orders.agreements import delete_csa, start_csa
from ossrep.market.usecases.orders.changing import cancel_order, change_date
from ossrep.market.usecases.orders.customer_information import send_customer_information
from ossrep.market.usecases.orders.waiting import expire_waiting
from tests.factories import market_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")

MINUTE = dt.timedelta(minutes=1)
OTHER_DAY = dt.date(2026, 6, 15)

Message = Callable[[Order], None]
"""Delivers one message of the market about an order; the same one each time it is called."""


def told(make: Callable[[Order], Transaction]) -> Message:
    made_once: dict[int, Transaction] = {}

    def deliver(order: Order) -> None:
        if order.pk not in made_once:
            made_once[order.pk] = make(order)
        made.receive(made_once[order.pk])

    return deliver


def read(kind: str, says: str = "", date: dt.date = made.DAY) -> Message:
    return lambda order: _read(order, kind, says, date)


def _read(order: Order, kind: str, says: str, date: dt.date) -> None:
    reference = f"{kind}{order.pk}"
    made.read(kind, says=says, original=order.reference, date=date, reference=reference)


@dataclass(frozen=True)
class Play:
    """A process with all its messages, and how it ends in whatever order they come."""

    name: str
    start: Callable[[], Order]
    messages: Sequence[Message]
    ends: str
    events: Sequence[str] = ()
    items: Sequence[str] = ()


def cancelled_switch() -> Order:
    order = made.switch(wish=made.wish("enrollment", "E1"))
    cancel_order(order_id=order.pk, reason="B40", now=made.NOON)
    return order


def moved_move_in() -> Order:
    order = made.move_in(wish=made.wish("enrollment", "E1"))
    change_date(order_id=order.pk, date=OTHER_DAY, now=made.NOON)
    return order


def lost() -> Order:
    """Begun by the market: its own notice is one of the messages."""
    return Order(kind="loss", reference="OTHERSWITCH1", esi_id=made.ESI_ID, pk=1)


def agreement() -> Order:
    made.add_identity()
    order_id = start_csa(esi_id=made.ESI_ID, customer=made.JANE, start_date=made.DAY, now=made.NOON)
    return Order.objects.get(pk=order_id)


def deleted_agreement() -> Order:
    order = agreement()
    made.receive(made.csa_answer(order.reference, "WQ"))
    delete_csa(order_id=order.pk, now=made.NOON)
    return order


def information() -> Order:
    made.add_identity()
    order_id = send_customer_information(esi_id=made.ESI_ID, customer=made.JANE, now=made.NOON)
    return Order.objects.get(pk=order_id)


SCHEDULED = told(lambda order: made.scheduled(order.reference))
CANCEL_DONE = told(lambda order: made.cancel_answer(order.reference, "WQ", "B40"))
CANCEL_REFUSED = told(lambda order: made.cancel_answer(order.reference, "U", "B40"))
COUNTER = f"{made.NOON - dt.timedelta(hours=5):%Y%m%d%H%M}"
ENROLLED = ("enrollment-accepted", "enrollment-completed")

PLAYS = [
    Play(
        "switch",
        lambda: made.switch(wish=made.wish("enrollment", "E1")),
        [SCHEDULED, read("867_04")],
        "completed",
        ENROLLED,
    ),
    Play(
        "switch that is refused twice over",
        lambda: made.switch(wish=made.wish("enrollment", "E1")),
        [
            told(lambda order: made.switch_reject(order.reference, "NFI")),
            told(lambda order: made.not_scheduled(order.reference, "NFI")),
        ],
        "rejected",
        ["enrollment-rejected"],
        ["order-rejected"],
    ),
    Play(
        "switch that ERCOT cancels",
        lambda: made.switch(wish=made.wish("enrollment", "E1")),
        [SCHEDULED, told(lambda order: made.ercot_cancel(order.reference, "CCA"))],
        "cancelled",
        ["enrollment-cancelled"],
        ["cancelled-by-market"],
    ),
    Play(
        "switch that we cancel",
        cancelled_switch,
        [SCHEDULED, CANCEL_DONE],
        "cancelled",
        ["enrollment-cancelled"],
    ),
    Play(
        "switch whose cancel comes too late",
        cancelled_switch,
        [SCHEDULED, CANCEL_REFUSED, read("867_04")],
        "completed",
        ENROLLED,
    ),
    Play(
        "switch that cannot be executed",
        lambda: made.switch(wish=made.wish("enrollment", "E1")),
        [SCHEDULED, told(lambda order: made.unexecutable(order.reference, "T024"))],
        "unexecutable",
        ["enrollment-cancelled"],
        ["order-unexecutable"],
    ),
    Play(
        "move-in with a permit",
        lambda: made.move_in(wish=made.wish("enrollment", "E1")),
        [told(lambda order: made.permit(order.reference)), SCHEDULED, read("867_04")],
        "completed",
        ENROLLED,
    ),
    Play(
        "move-in whose permit never comes",
        lambda: made.move_in(wish=made.wish("enrollment", "E1")),
        [
            told(lambda order: made.permit(order.reference)),
            told(lambda order: made.ercot_cancel(order.reference, "PNR")),
        ],
        "cancelled",
        ["enrollment-cancelled"],
        ["cancelled-by-market"],
    ),
    Play(
        "move-in to another day",
        moved_move_in,
        [
            SCHEDULED,
            told(
                lambda order: made.change_answer(
                    order.reference, "WQ", date=OTHER_DAY, counter=COUNTER
                )
            ),
            read("867_04", date=OTHER_DAY),
        ],
        "completed",
        ENROLLED,
    ),
    Play(
        "move-out",
        lambda: made.move_out(wish=made.wish("move-out", "M1")),
        [
            told(lambda order: made.move_out_answer(order.reference, "WQ", date=made.DAY)),
            read("867_03", "final"),
        ],
        "completed",
        ["move-out-scheduled", "move-out-completed"],
    ),
    Play(
        "move-out as a force-off",
        lambda: made.move_out(wish=made.wish("move-out", "M1")),
        [
            told(lambda order: made.move_out_answer(order.reference, "WQ", date=made.DAY)),
            told(lambda order: made.unexecutable(order.reference, "T023")),
            read("867_03", "final"),
        ],
        "completed",
        ["move-out-completed"],
    ),
    Play(
        "loss that is moved",
        lost,
        [
            told(lambda order: made.loss(order.reference)),
            told(lambda order: made.moved(order.reference, OTHER_DAY, "202606020900")),
            read("867_03", "final", OTHER_DAY),
        ],
        "lost",
        ["contract-lost"],
    ),
    Play(
        "loss that is called off",
        lost,
        [
            told(lambda order: made.loss(order.reference)),
            told(lambda order: made.ercot_cancel(order.reference, "CHA")),
        ],
        "kept",
    ),
    Play(
        "agreement",
        agreement,
        [told(lambda order: made.csa_answer(order.reference, "WQ"))],
        "agreed",
    ),
    Play(
        "customer information",
        information,
        [told(lambda order: made.information_answer(order.reference, "WQ"))],
        "accepted",
    ),
    Play(
        "customer information that is refused",
        information,
        [told(lambda order: made.information_answer(order.reference, "U", "A76"))],
        "rejected",
        (),
        ["customer-information-rejected"],
    ),
]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside leaves no trace."""
    with transaction.atomic(using="market"):
        yield
        transaction.set_rollback(True, using="market")


def end_of(play: Play, order: Order) -> Order:
    return Order.objects.get(kind=order.kind, reference=order.reference)


def events() -> list[str]:
    told = OutboxEvent.objects.filter(event_type__startswith="market.").order_by("pk")
    names = [event.event_type.split(".")[1] for event in told]
    return [name for name in names if name != "message-queued"]


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
class TestEveryOrderOfMessages:
    def test_ends_in_the_same_state(self, play: Play) -> None:
        for way in permutations(play.messages):
            with undone():
                order = play.start()
                for deliver in way:
                    deliver(order)

                assert end_of(play, order).state == play.ends
                assert not WaitingMessage.objects.filter(state="waiting").exists()
                assert not WorkItem.objects.filter(kind="unexpected-message").exists()
                assert [name for name in events() if name in play.events][-1:] == list(
                    play.events[-1:]
                )

    def test_ends_in_the_same_state_with_every_message_twice(self, play: Play) -> None:
        for way in permutations(play.messages):
            with undone():
                order = play.start()
                for deliver in (*way, *reversed(way)):
                    deliver(order)
                    deliver(order)

                assert end_of(play, order).state == play.ends
                assert not WorkItem.objects.filter(kind="unexpected-message").exists()
                told_once = [events().count(name) for name in play.events[-1:]]
                assert told_once == [1] * len(play.events[-1:])

    def test_tells_its_story_in_the_order_of_the_market(self, play: Play) -> None:
        order = play.start()
        for deliver in play.messages:
            deliver(order)

        kinds = [item.kind for item in WorkItem.objects.order_by("pk")]
        expected = [name for name in events() if name in play.events]
        assert list(dict.fromkeys(expected)) == list(play.events)
        assert [kind for kind in kinds if kind in play.items] == list(play.items)


MISSING = [
    ("switch", 0, "answer-late", "814_05"),
    ("switch", 1, "answer-late", "867_04"),
    ("move-in with a permit", 1, "answer-late", "permit"),
    ("move-in with a permit", 2, "answer-late", "867_04"),
    ("move-out", 0, "answer-late", "814_25"),
    ("move-out", 1, "answer-late", "867_03 final"),
    ("switch that we cancel", 1, "answer-late", "814_09"),
    ("move-in to another day", 1, "answer-late", "814_13"),
    ("loss that is moved", 2, "answer-late", "867_03 final"),
    ("agreement", 0, "answer-late", "814_19"),
    ("customer information", 0, "answer-late", "814_PD"),
]


class TestOneAnswerMissing:
    @pytest.mark.parametrize(("name", "missing", "kind", "expects"), MISSING)
    def test_is_a_work_item_at_the_minute(
        self, name: str, missing: int, kind: str, expects: str
    ) -> None:
        play = next(play for play in PLAYS if play.name == name)
        order = play.start()
        for at, deliver in enumerate(play.messages):
            if at < missing:
                deliver(order)
        due = Deadline.objects.get(expects=expects, state="open").due_at

        run_clock(as_of=due)
        before = list(WorkItem.objects.filter(kind=kind, due_at=due))
        run_clock(as_of=due + MINUTE)

        item = WorkItem.objects.get(kind=kind, due_at=due)
        assert before == []
        assert item.esi_id == made.ESI_ID
        assert item.reference in {row.reference for row in Order.objects.all()}

    def test_asks_once_about_a_read_that_finds_no_order(self) -> None:
        made.read("867_04", original="NOBODYS")
        waiting = WaitingMessage.objects.get()
        # Monday noon + 48 hours of Retail Business Days: Wednesday noon in Texas.
        assert waiting.expires_at == dt.datetime(2026, 6, 3, 17, 0, tzinfo=dt.UTC)

        told = [expire_waiting(as_of=waiting.expires_at + n * MINUTE) for n in (0, 1, 2)]

        item = WorkItem.objects.get()
        assert told == [0, 1, 0]
        assert (item.kind, item.title) == (
            "message-waits",
            f"867_04 of ESI ID {made.ESI_ID} finds no place",
        )

    def test_finds_its_order_even_after_that(self) -> None:
        order = made.switch()
        made.read("867_04", original=order.reference)
        expire_waiting(as_of=made.NOON + dt.timedelta(days=5))

        made.receive(made.scheduled(order.reference))

        order.refresh_from_db()
        assert order.state == "completed"
        assert [item.state for item in WorkItem.objects.filter(kind="message-waits")] == [
            "resolved"
        ]


class TestAgreementThatIsDeleted:
    def test_ends_when_the_deletion_is_accepted(self) -> None:
        order = deleted_agreement()
        deletion = Order.objects.get(kind="csa_delete")

        made.receive(made.csa_answer(deletion.reference, "WQ"))

        order.refresh_from_db()
        deletion.refresh_from_db()
        assert (order.state, deletion.state) == ("ended", "accepted")

    def test_ends_when_another_one_takes_its_place(self) -> None:
        order = agreement()
        made.receive(made.csa_answer(order.reference, "WQ"))

        made.receive(made.csa_notice(OTHER_DAY))

        order.refresh_from_db()
        assert order.state == "ended"
        assert WorkItem.objects.get().kind == "csa-displaced"
