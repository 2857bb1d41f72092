"""Files that come in: kept, judged, applied set by set, answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.market.edi.x12.acknowledging import GroupAnswer, read_997
from ossrep.market.edi.x12.model import TransactionSet
from ossrep.market.files.transports.folder import FolderTransport
from ossrep.market.models import (
    Channel,
    InboundArrival,
    InboundFile,
    InboundInterchange,
    InboundOutcome,
    InboundSet,
    OutboundInterchange,
    OutboundMessage,
    ParkedSet,
    TradingPartner,
    WorkItem,
)
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import fetch
from ossrep.market.usecases.interchange.rereading import raw_set
from ossrep.market.usecases.interchange.sending import send
from ossrep.market.usecases.interchange.storing import read_bytes, store_file
from ossrep.market.usecases.interchange.taken import Taken
from ossrep.market.usecases.receiving import (
    WAITS_FOR_DOCUMENT,
    Outcome,
    Received,
    TogetherHandler,
)
from tests.factories.market_mail import (
    ERCOT,
    NOW,
    applied,
    handling,
    mail,
    outcomes,
    register,
    switch_reject,
)

pytestmark = pytest.mark.django_db(databases="__all__")
APPLIED = handling(k814_02=applied)
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _partners() -> None:
    register()


def receive(
    data: bytes, *, name: str = "a.edi", find: Any = APPLIED, channel: str = "hand"
) -> list[Taken]:
    way = Channel.objects.get(code=channel)
    store_file(name=name, data=data, channel=way, now=NOW)
    return list(process_files(now=NOW, find_handler=find))


def answers() -> list[GroupAnswer]:
    messages = OutboundMessage.objects.filter(kind="997").order_by("pk")
    return [read_997(TransactionSet("997", "0001", message.segments)) for message in messages]


def work_items() -> list[tuple[str, str]]:
    return list(WorkItem.objects.order_by("pk").values_list("kind", "key"))


class TestAFileThatComesIn:
    def test_is_kept_byte_for_byte(self) -> None:
        data = mail(switch_reject(reference="A1"))

        receive(data, name="../x\n.edi")

        file = InboundFile.objects.get()
        assert read_bytes(file_id=file.pk) == data
        assert (file.size_bytes, file.name) == (len(data), "../x?.edi")
        stored = InboundSet.objects.get()
        assert raw_set(stored=stored) == data[data.index(b"ST*") : data.rindex(b"GE*")]

    def test_has_an_outcome_for_every_set_and_one_997(self) -> None:
        taken = receive(mail(switch_reject(reference="A1"), switch_reject(reference="A2")))

        assert outcomes() == [("A1", "applied", ""), ("A2", "applied", "")]
        assert [(a.result, a.accepted, a.functional_id, a.control_number) for a in answers()] == [
            ("A", 2, "GE", "1")
        ]
        assert [(t.state, t.applied) for t in taken] == [("done", 2)]
        assert_invariants(contexts=["market"])

    def test_tells_its_sets_apart(self) -> None:
        receive(mail(switch_reject(reference="A1", original="CR77")))

        row = InboundSet.objects.get()
        assert (row.kind, row.reference, row.original_reference) == ("814_02", "A1", "CR77")
        assert (row.esi_id, row.tdsp_duns) == ("10443720000000001", "1039940674000")


class TestOneBadSet:
    def test_that_makes_the_handler_fail_holds_up_no_other(self) -> None:
        def touchy(received: Received) -> Outcome:
            TradingPartner.objects.filter(code="TNMP").update(source=received.transaction.reference)
            if received.transaction.reference == "BAD":
                raise RuntimeError("boom")
            return applied(received)

        sets = [switch_reject(reference=name) for name in ("A1", "BAD", "A3")]
        receive(mail(*sets), find=handling(k814_02=touchy))

        assert outcomes() == [
            ("A1", "applied", ""),
            ("BAD", "parked", "unexpected"),
            ("A3", "applied", ""),
        ]
        assert TradingPartner.objects.get(code="TNMP").source == "A3"
        assert [a.result for a in answers()] == ["A"]
        assert work_items() == [("set_unexpected", f"set {ParkedSet.objects.get().pk}")]

    def test_that_fails_among_sets_taken_together_holds_up_no_other(self) -> None:
        sizes: list[int] = []

        def together(batch: Sequence[Received]) -> list[Outcome]:
            sizes.append(len(batch))
            names = [received.transaction.reference for received in batch]
            TradingPartner.objects.filter(code="TNMP").update(source=names[-1])
            if "BAD" in names:
                raise RuntimeError("boom")
            return [Outcome(state="applied") for _ in batch]

        sets = [switch_reject(reference=name) for name in ("A1", "A2", "BAD")]
        receive(mail(*sets), find=handling(k814_02=TogetherHandler(together)))

        assert sizes == [3, 1, 1, 1]
        assert outcomes() == [
            ("A1", "applied", ""),
            ("A2", "applied", ""),
            ("BAD", "parked", "unexpected"),
        ]
        assert TradingPartner.objects.get(code="TNMP").source == "A2"

    def test_with_wrong_syntax_is_rejected_in_the_997(self) -> None:
        data = mail(switch_reject(reference="A1"), switch_reject(reference="A2"))
        data = data.replace(b"SE*10*0002", b"SE*11*0002")

        receive(data)

        assert outcomes() == [("A1", "applied", ""), ("", "rejected", "syntax")]
        answer = answers()[0]
        assert (answer.result, [s.result for s in answer.sets], answer.sets[1].codes) == (
            "P",
            ["A", "R"],
            ("4",),
        )

    def test_in_a_group_of_another_kind_is_rejected_in_the_997(self) -> None:
        receive(mail(switch_reject(reference="A1"), functional_id="PT"))

        assert outcomes() == [("", "rejected", "syntax")]
        [answer] = answers()
        assert (answer.result, answer.sets[0].result, answer.sets[0].codes) == ("R", "R", ("6",))
        assert WorkItem.objects.get().text.startswith(
            "ST01, segment 1, byte 157: a set 814 does not belong into a group PT"
        )

    def test_that_nobody_handles_is_parked_for_a_person(self) -> None:
        receive(mail(switch_reject(reference="A1")), find=handling())

        assert outcomes() == [("A1", "parked", "no_handler")]
        assert [a.result for a in answers()] == ["A"]
        assert [kind for kind, _ in work_items()] == ["set_no_handler"]

    def test_of_unknown_kind_is_kept_and_acknowledged(self) -> None:
        segments = [["ST", "814", "0001"], ["BGN", "13", "Q1", "20260219"], ["SE", "3", "0001"]]

        receive(mail(segments))

        assert outcomes() == [("", "parked", "not_read")]
        assert [a.result for a in answers()] == ["A"]


class TestTheSameAgain:
    def test_same_file_is_answered_again_without_effect(self, tmp_path: Any) -> None:
        TradingPartner.objects.all().update(channel=None)
        Channel.objects.create(
            code="f",
            transport="folder",
            settings={"incoming": str(tmp_path / "in"), "outgoing": str(tmp_path / "out")},
        )
        TradingPartner.objects.filter(code="ERCOT").update(channel=Channel.objects.get(code="f"))
        data = mail(switch_reject(reference="A1"))
        receive(data, channel="f")
        list(send(now=NOW))
        sent = OutboundInterchange.objects.get()
        assert sent.state == "sent"

        receive(data, name="again.edi", channel="f")

        sent.refresh_from_db()
        assert (sent.state, len(outcomes()), len(answers())) == ("written", 1, 1)
        assert list(InboundArrival.objects.order_by("pk").values_list("name", "is_repeat")) == [
            ("a.edi", False),
            ("again.edi", True),
        ]
        first = (tmp_path / "out" / sent.name).read_bytes()
        list(send(now=LATER))
        assert (tmp_path / "out" / sent.name).read_bytes() == first

    def test_same_interchange_in_other_surroundings_is_a_duplicate(self) -> None:
        data = mail(switch_reject(reference="A1"))
        receive(data)

        taken = receive(data + b"\r\n\r\n")

        assert [(t.state, t.duplicates) for t in taken] == [("done", 1)]
        assert list(
            InboundInterchange.objects.order_by("pk").values_list("verdict", flat=True)
        ) == [
            "taken",
            "duplicate",
        ]
        assert (len(outcomes()), len(answers())) == (1, 1)

    def test_same_control_number_with_other_content_is_refused_and_alarmed(self) -> None:
        receive(mail(switch_reject(reference="A1")))

        taken = receive(mail(switch_reject(reference="A2")))

        assert [t.state for t in taken] == ["refused"]
        assert outcomes() == [("A1", "applied", "")]
        assert [kind for kind, _ in work_items()] == ["interchange_control_number_reused"]
        assert len(answers()) == 1

    def test_same_business_number_in_a_new_envelope_has_one_effect(self) -> None:
        receive(mail(switch_reject(reference="A1")))

        receive(mail(switch_reject(reference="A1"), number=2))

        assert outcomes() == [("A1", "applied", ""), ("A1", "rejected", "number_repeated")]
        assert [a.result for a in answers()] == ["A", "A"]
        assert work_items() == []

    def test_same_business_number_with_other_content_is_alarmed(self) -> None:
        receive(mail(switch_reject(reference="A1")))

        receive(mail(switch_reject(reference="A1", original="CR2"), number=2))

        assert outcomes()[1:] == [("A1", "rejected", "number_reused")]
        assert [kind for kind, _ in work_items()] == ["set_number_reused"]

    def test_twice_in_one_group_has_one_effect(self) -> None:
        receive(mail(switch_reject(reference="A1"), switch_reject(reference="A1")))

        assert outcomes() == [("A1", "applied", ""), ("A1", "rejected", "number_repeated")]

    def test_is_a_number_of_each_sender(self) -> None:
        receive(mail(switch_reject(reference="A1")))

        receive(mail(switch_reject(reference="A1"), sender="1039940674000"))

        assert outcomes() == [("A1", "applied", ""), ("A1", "applied", "")]

    def test_is_taken_when_the_first_was_rejected(self) -> None:
        def refusing(received: Received) -> Outcome:
            return Outcome(state="rejected", code="A13")

        receive(mail(switch_reject(reference="A1")), find=handling(k814_02=refusing))
        receive(mail(switch_reject(reference="A1"), number=2))

        assert outcomes() == [("A1", "rejected", "A13"), ("A1", "applied", "")]


class TestARefusedFile:
    def test_in_production_is_one_marked_as_test(self, settings: Any) -> None:
        settings.OSSREP_MARKET_ENVIRONMENT = "production"

        taken = receive(mail(switch_reject(reference="A1"), is_test=True))

        assert [t.state for t in taken] == ["refused"]
        assert (outcomes(), answers()) == ([], [])
        assert [kind for kind, _ in work_items()] == ["interchange_test_in_production"]

    def test_is_taken_in_a_test_installation(self, settings: Any) -> None:
        settings.OSSREP_MARKET_ENVIRONMENT = "test"

        receive(mail(switch_reject(reference="A1"), is_test=True))

        assert outcomes() == [("A1", "applied", "")]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"sender": "123456789"}, "unregistered"), ({"receiver": "888888888"}, "not_for_us")],
    )
    def test_is_one_between_others(self, changes: dict[str, str], code: str) -> None:
        taken = receive(mail(switch_reject(reference="A1"), **changes))  # type: ignore[arg-type]

        assert [t.state for t in taken] == ["refused"]
        assert (outcomes(), answers()) == ([], [])
        assert [kind for kind, _ in work_items()] == [f"interchange_{code}"]

    def test_over_another_channel_than_the_partner_s(self) -> None:
        Channel.objects.create(code="other", transport="folder")

        taken = receive(mail(switch_reject(reference="A1")), channel="other")

        assert [t.state for t in taken] == ["refused"]
        assert outcomes() == []

    def test_is_taken_when_it_comes_again_after_the_partner_was_registered(self) -> None:
        data = mail(switch_reject(reference="A1"), sender="123456789")
        receive(data)
        TradingPartner.objects.create(code="NEW", name="New", isa_id="123456789", gs_id="123456789")

        receive(data)

        assert outcomes() == [("A1", "applied", "")]

    def test_with_a_group_of_an_unregistered_gs_id_applies_nothing_of_it(self) -> None:
        data = mail(switch_reject(reference="A1")).replace(
            f"GS*GE*{ERCOT}*".encode(), b"GS*GE*123456789*"
        )

        taken = receive(data)

        assert outcomes() == [("A1", "rejected", "unregistered")]
        assert answers() == []
        text = "GS id '123456789' of the group is not registered"
        assert [each.notes for each in taken] == [[text]]
        item = WorkItem.objects.get(kind="group_unregistered")
        assert item.text.startswith(f"{text}: its 1 sets were not applied and no 997 went out.")


class TestWhatIsNoInterchange:
    @pytest.mark.parametrize("data", [b"", b"\0\0", b"ISA", b"hello", b"ISA*00*"])
    def test_is_kept_and_quarantined_or_refused(self, data: bytes) -> None:
        taken = receive(data)

        assert [t.state for t in taken] in (["quarantined"], ["refused"])
        assert read_bytes(file_id=InboundFile.objects.get().pk) == data
        assert WorkItem.objects.count() == 1


class TestAGroup:
    def test_with_a_wrong_count_is_refused_whole(self) -> None:
        data = mail(switch_reject(reference="A1")).replace(b"GE*1*1~", b"GE*2*1~")

        receive(data)

        assert outcomes() == [("A1", "rejected", "group_refused")]
        assert [a.result for a in answers()] == ["R"]

    def test_of_997s_is_not_acknowledged(self) -> None:
        segments = [
            ["ST", "997", "0001"],
            ["AK1", "GE", "7"],
            ["AK9", "A", "1", "1", "1"],
            ["SE", "4", "0001"],
        ]

        receive(mail(segments, functional_id="FA"))

        assert outcomes() == [("", "parked", "unknown_group")]
        assert answers() == []


class TestTa1:
    def test_is_queued_where_it_is_asked_for(self) -> None:
        receive(mail(switch_reject(reference="A1"), wants_ta1=True))

        message = OutboundMessage.objects.get(kind="TA1")
        assert message.segments == [["TA1", "000000001", "261124", "1500", "A", "000"]]


class TestASetThatWaits:
    def test_goes_on_when_what_it_needs_was_applied(self) -> None:
        seen: list[str] = []

        def in_order(received: Received) -> Outcome:
            name = received.transaction.reference
            if name == "LATE" or "LATE" in seen:
                seen.append(name)
                return Outcome(state="applied")
            return Outcome(state="parked", code="too_early")

        find = handling(k814_02=in_order)
        receive(mail(switch_reject(reference="EARLY")), find=find)
        receive(mail(switch_reject(reference="LATE"), number=2), find=find)

        assert outcomes() == [
            ("EARLY", "parked", "too_early"),
            ("LATE", "applied", ""),
            ("EARLY", "applied", ""),
        ]
        assert seen == ["LATE", "EARLY"]
        assert ParkedSet.objects.get().settled_at == NOW
        assert InboundOutcome.objects.order_by("-pk")[0].number == 2

    def test_for_a_document_is_tried_again_with_news_of_that_alone(self) -> None:
        tried: list[str] = []

        def waiting(received: Received) -> Outcome:
            tried.append(received.transaction.reference)
            if received.transaction.reference.startswith("W"):
                return Outcome(state="parked", code=WAITS_FOR_DOCUMENT)
            return Outcome(state="applied")

        find = handling(k814_02=waiting)
        waits = [switch_reject(reference=f"W{n}", original=f"D{n}") for n in range(3)]
        receive(mail(*waits), find=find)
        receive(mail(switch_reject(reference="D1", original=""), number=2), find=find)
        receive(mail(switch_reject(reference="X", original="D2"), number=3), find=find)

        assert tried == ["W0", "W1", "W2", "D1", "W1", "X", "W2"]


class OvertakenFolder(FolderTransport):
    """Another receiver keeps and finishes each file between the listing and the reading."""

    def take(self, *, name: str) -> bytes:
        self.finish(name=name)
        return super().take(name=name)


class TestTwoReceiversOfOneFolder:
    def test_do_not_complain_of_what_the_other_has_taken(self, tmp_path: Path) -> None:
        incoming, done = tmp_path / "in", tmp_path / "done"
        incoming.mkdir()
        (incoming / "a.edi").write_bytes(b"x")
        Channel.objects.create(code="shared", transport="folder", settings={})
        folder = OvertakenFolder(outgoing=tmp_path, incoming=incoming, done=done)

        assert list(fetch(now=NOW, opening=lambda config: folder)) == []
