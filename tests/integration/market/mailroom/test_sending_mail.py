"""What goes out: queued with its step, numbered once, handed over at least once, acknowledged."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.market.db import transaction
from ossrep.market.edi.texas_set.enrollment import SwitchReject
from ossrep.market.edi.texas_set.model import Party
from ossrep.market.edi.x12.reading import read_interchanges
from ossrep.market.files.transports.model import ChannelConfig, TransportError
from ossrep.market.models import (
    Delivery,
    MarketIdentity,
    OutboundGroup,
    OutboundInterchange,
    OutboundMessage,
    OutboxEvent,
    TradingPartner,
    WorkItem,
)
from ossrep.market.usecases.interchange.outbound import (
    InvalidPrefix,
    OutboundMessageId,
    ReferenceUsed,
    UnknownPartner,
    queue_message,
    take_reference,
)
from ossrep.market.usecases.interchange.packing import CannotSend, pack_messages
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import fetch
from ossrep.market.usecases.interchange.resending import (
    AlreadyAccepted,
    AlreadyResent,
    ask_about_silence,
    resend_group,
)
from ossrep.market.usecases.interchange.sending import send
from tests.factories.market_mail import NOW, US, mail, outcomes, register

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = dt.timedelta(hours=24)


@pytest.fixture(autouse=True)
def _partners(tmp_path: Path) -> None:
    register(folder=tmp_path)


def queue(
    reference: str, *, partner: str = "ERCOT", step_id: int | None = None
) -> OutboundMessageId:
    message = SwitchReject(
        reference=reference,
        date=NOW.date(),
        original_reference="X1",
        esi_id="10443720000000001",
        tdsp=Party("SAMPLE TDSP", "1039940674000"),
        retailer=Party("SAMPLE REP", US),
    )
    with transaction():
        return queue_message(transaction=message, partner=partner, now=NOW, step_id=step_id)


def acknowledge(group: OutboundGroup, result: str, *, number: int = 1) -> None:
    lines = (
        "ST*997*0001",
        f"AK1*{group.functional_id}*{group.control_number}",
        f"AK9*{result}*1*1*{1 if result == 'A' else 0}",
        "SE*4*0001",
    )
    data = mail([line.split("*") for line in lines], functional_id="FA", number=number)
    channel = TradingPartner.objects.get(code="ERCOT").channel
    assert channel is not None
    incoming = Path(channel.settings["incoming"])
    incoming.mkdir(exist_ok=True)
    (incoming / f"{number}.edi").write_bytes(data)
    list(fetch(now=NOW))
    list(process_files(now=NOW))


class TestQueueMessage:
    def test_writes_message_step_and_event_together(self) -> None:
        message_id = queue("A1", step_id=7)

        message = OutboundMessage.objects.get(pk=message_id)
        assert (message.kind, message.reference, message.step_id) == ("814_02", "A1", 7)
        assert (message.functional_id, message.partner.code) == ("GE", "ERCOT")
        event = OutboxEvent.objects.get()
        assert event.event_type == "market.message-queued.v1"
        assert event.payload["message_id"] == message_id

    def test_leaves_nothing_when_the_step_fails(self) -> None:
        def step() -> None:
            with transaction():
                queue("A1")
                raise RuntimeError("the step failed")

        with pytest.raises(RuntimeError):
            step()

        assert (OutboundMessage.objects.count(), OutboxEvent.objects.count()) == (0, 0)

    def test_refuses_a_number_sent_before(self) -> None:
        queue("A1")

        with pytest.raises(ReferenceUsed):
            queue("A1")

        assert OutboundMessage.objects.count() == 1

    def test_refuses_an_unknown_partner(self) -> None:
        with pytest.raises(UnknownPartner):
            queue("A1", partner="NOBODY")


class TestTakeReference:
    def test_gives_no_number_twice(self) -> None:
        taken = {take_reference(prefix="MI") for _ in range(50)}

        assert len(taken) == 50
        assert all(len(reference) == 18 and reference.isalnum() for reference in taken)

    @pytest.mark.parametrize("prefix", ["mi", "A" * 15, "A-B"])
    def test_refuses_a_prefix_that_no_number_may_have(self, prefix: str) -> None:
        with pytest.raises(InvalidPrefix):
            take_reference(prefix=prefix)


class TestSend:
    def test_hands_over_one_interchange_for_each_partner_and_group(self, tmp_path: Path) -> None:
        queue("A1")
        queue("A2")
        queue("B1", partner="ONCOR_ELEC")

        sent = list(send(now=NOW))

        assert [(s.partner, s.written, s.handed_over) for s in sent] == [
            ("ERCOT", 1, 1),
            ("ONCOR_ELEC", 1, 1),
        ]
        files = sorted((tmp_path / "out").iterdir())
        assert [file.name for file in files] == [
            "999999999_1039940674000_000000001_GE.edi",
            "999999999_183529049_000000001_GE.edi",
        ]
        interchange = read_interchanges(files[1].read_bytes())[0]
        assert (interchange.faults, interchange.is_test) == ((), False)
        group = interchange.groups[0]
        assert (group.functional_id, group.sender, group.receiver) == ("GE", US, "183529049")
        assert [(s.control_number, s.segments[1][2]) for s in group.sets] == [
            ("0001", "A1"),
            ("0002", "A2"),
        ]
        assert_invariants(contexts=["market"])

    def test_marks_all_as_test_in_a_test_installation(self, settings: Any, tmp_path: Path) -> None:
        settings.OSSREP_MARKET_ENVIRONMENT = "test"
        queue("A1")

        list(send(now=NOW))

        file = next((tmp_path / "out").iterdir())
        assert read_interchanges(file.read_bytes())[0].is_test

    def test_gives_rising_numbers(self) -> None:
        for reference in ("A1", "A2", "A3"):
            queue(reference)
            list(send(now=NOW))

        rows = OutboundInterchange.objects.order_by("pk")
        assert [row.control_number for row in rows] == [1, 2, 3]

    def test_repeats_the_same_bytes_after_a_failure(self) -> None:
        queue("A1")
        taken: list[tuple[str, bytes]] = []

        class Torn:
            def put(self, *, name: str, data: bytes) -> Any:
                taken.append((name, data))
                raise TransportError("connection lost", where=name)

            def close(self) -> None:
                pass

        first = list(send(now=NOW, opening=lambda config: Torn()))  # type: ignore[arg-type]
        too_early = list(send(now=NOW))
        later = list(send(now=NOW + dt.timedelta(minutes=2)))

        assert "connection lost" in first[0].problem
        assert (too_early[0].handed_over, later[0].handed_over) == (0, 1)
        row = OutboundInterchange.objects.get()
        assert taken == [(row.name, bytes(row.content))]
        assert list(Delivery.objects.order_by("pk").values_list("is_taken", flat=True)) == [
            False,
            True,
        ]

    def test_asks_a_person_after_three_failures(self, tmp_path: Path) -> None:
        queue("A1")
        (tmp_path / "out").write_text("a file where the folder should be")

        for hour in range(3):
            list(send(now=NOW + dt.timedelta(hours=hour)))

        assert [item.kind for item in WorkItem.objects.all()] == ["not_handed_over"]

    def test_keeps_messages_for_a_partner_without_channel(self) -> None:
        queue("A1", partner="TNMP")

        sent = list(send(now=NOW))

        assert sent[0].problem == "partner TNMP: lacks channel, ISA id"
        assert OutboundInterchange.objects.count() == 0

    def test_keeps_messages_of_an_identity_that_is_not_ours(self) -> None:
        queue("A1")
        MarketIdentity.objects.update(duns="888888888")

        with pytest.raises(CannotSend):
            pack_messages(partner=TradingPartner.objects.get(code="ERCOT"), now=NOW)

        assert OutboundInterchange.objects.count() == 0

    def test_opens_the_partner_s_channel(self) -> None:
        queue("A1")
        seen: list[ChannelConfig] = []

        def opening(config: ChannelConfig) -> Any:
            seen.append(config)
            raise TransportError("closed")

        list(send(now=NOW, opening=opening))

        assert [(c.code, c.transport, c.keys.partner) for c in seen] == [
            ("market-folder", "folder", "ERCOT")
        ]


class TestTheirAnswer:
    def test_marks_the_group(self) -> None:
        queue("A1")
        list(send(now=NOW))

        acknowledge(OutboundGroup.objects.get(), "A")

        assert OutboundGroup.objects.get().acknowledgment == "A"
        assert outcomes() == [("", "applied", "A")]
        with pytest.raises(AlreadyAccepted):
            resend_group(group_id=OutboundGroup.objects.get().pk, now=NOW)

    @pytest.mark.parametrize("result", ["R", "E", "P"])
    def test_other_than_accepted_is_for_a_person_and_goes_out_anew(self, result: str) -> None:
        queue("A1")
        list(send(now=NOW))
        group = OutboundGroup.objects.get()

        acknowledge(group, result)
        again = resend_group(group_id=group.pk, now=NOW)

        item = WorkItem.objects.get()
        assert (item.kind, item.state) == ("refused_by_partner", "resolved")
        assert [interchange.control_number for interchange in again] == [2]
        assert OutboundMessage.objects.get().placements.count() == 2
        with pytest.raises(AlreadyResent):
            resend_group(group_id=group.pk, now=NOW)

    def test_refused_after_it_was_accepted_is_for_a_person_and_goes_out_anew(self) -> None:
        queue("A1")
        list(send(now=NOW))
        group = OutboundGroup.objects.get()
        acknowledge(group, "A")

        acknowledge(group, "R", number=2)
        item = WorkItem.objects.get()
        again = resend_group(group_id=group.pk, now=NOW)

        assert item.title.endswith("with R after it had accepted it")
        assert [interchange.control_number for interchange in again] == [2]
        assert WorkItem.objects.get().state == "resolved"

    def test_missing_for_a_day_is_for_a_person_and_goes_out_as_it_was(self, tmp_path: Path) -> None:
        queue("A1")
        list(send(now=NOW))
        group = OutboundGroup.objects.get()

        assert ask_about_silence(now=NOW + DAY - dt.timedelta(minutes=1)) == 0
        assert ask_about_silence(now=NOW + DAY) == 1
        assert ask_about_silence(now=NOW + DAY) == 0
        item = WorkItem.objects.get()
        assert (item.kind, item.tdsp_code, item.state) == ("not_acknowledged", "ERCOT", "open")

        resend_group(group_id=group.pk, now=NOW + DAY)
        list(send(now=NOW + DAY))

        assert len(list((tmp_path / "out").iterdir())) == 1
        item.refresh_from_db()
        assert item.state == "resolved"
        assert ask_about_silence(now=NOW + DAY) == 0
        assert ask_about_silence(now=NOW + 2 * DAY) == 1

    def test_that_comes_late_settles_the_work_item(self) -> None:
        queue("A1")
        list(send(now=NOW))
        ask_about_silence(now=NOW + DAY)

        acknowledge(OutboundGroup.objects.get(), "A")

        assert WorkItem.objects.get().state == "resolved"
