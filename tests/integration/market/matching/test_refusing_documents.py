"""824s: by hand for what was taken all the same, and those that come to us."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.market.domain.matching_rules import dates_refused_at
from ossrep.market.models import InboundOutcome, OutboundMessage, TdspPayment, WorkItem
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.queries.payables import list_payables
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import take_in
from ossrep.market.usecases.matching.paying import prepare_payment
from ossrep.market.usecases.matching.refusing import AdviceRefused, send_advice
from ossrep.market.usecases.matching.refusing_dates import refuse_other_dates
from tests.factories.market_mail import NOW, ONCOR, mail
from tests.factories.market_matching import ESI_ID, Post, invoice_set, usage_set

pytestmark = pytest.mark.django_db(databases="__all__")

CANCEL = invoice_set(
    reference="I2", purpose="01", corrects="I1", charges=[("BAS001", "9.25")], usage="U1"
)
MINUTE = dt.timedelta(minutes=1)
ENERGY = ["SAC", "C", "", "EU", "MSC041", "24", "", "", "0.000342", "KH", "700"]


def send(reference: str = "I1", code: str = "A13", now: dt.datetime = NOW) -> OutboundMessage:
    message_id = send_advice(reference=reference, code=code, text="wrong kWh", now=now)
    return OutboundMessage.objects.get(pk=message_id)


def advice_about(reference: str) -> list[list[str]]:
    lines = [
        "ST*824*0001",
        "BGN*11*AV1*20261124",
        "N1*8S*ONCOR*1*1039940674000",
        "N1*SJ*SAMPLE REP*1*999999999",
        f"OTI*TR*TN*{reference}*******820",
        "REF*7G*CRI*NO INVOICE I1",
        "SE*7*0001",
    ]
    return [line.split("*") for line in lines]


def bring_advice(folder: Path, reference: str) -> tuple[str, str]:
    path = folder / "advice.edi"
    path.write_bytes(mail(advice_about(reference), number=77, sender=ONCOR, functional_id="AG"))
    list(take_in(paths=[path], now=NOW))
    list(process_files(now=NOW))
    last = InboundOutcome.objects.get(inbound_set__kind="824")
    return last.state, last.code


class TestSendAdvice:
    def test_goes_to_the_sender_of_the_invoice_once(self, post: Post) -> None:
        post.bring(invoice_set())

        message = send()

        assert (message.partner.code, message.kind, message.esi_id) == (
            "ONCOR_ELEC",
            "824",
            ESI_ID,
        )
        assert ["REF", "7G", "A13", "WRONG KWH"] in message.segments
        assert ["OTI", "TR", "IV", "I1"] in [segment[:4] for segment in message.segments]
        with pytest.raises(AdviceRefused, match="was sent before"):
            send()

    def test_about_usage_goes_to_ercot_that_forwarded_it(self, post: Post) -> None:
        post.bring(usage_set())

        call_command("market", "send-824", "U1", "--code", "A13", "--text", "no reads",
                     "--as-of", NOW.isoformat())  # fmt: skip

        assert OutboundMessage.objects.get(kind="824").partner.code == "ERCOT"

    @pytest.mark.parametrize(
        ("reference", "code", "days", "told"),
        [
            ("I9", "A13", 0, "no 867_03 or 810_02"),
            ("I1", "XYZ", 0, "no reason code"),
            ("I1", "A13", 14, "dispute it by MarkeTrak"),
        ],
    )
    def test_is_refused(self, post: Post, reference: str, code: str, days: int, told: str) -> None:
        post.bring(invoice_set())

        with pytest.raises(AdviceRefused, match=told):
            send(reference, code, NOW + dt.timedelta(days=days))
        assert not OutboundMessage.objects.filter(kind="824").exists()


class TestQuestions:
    @pytest.mark.parametrize("cancel_first", [False, True])
    def test_a_cancel_of_another_total_is_asked_about(
        self, post: Post, *, cancel_first: bool
    ) -> None:
        pair = [invoice_set(), CANCEL]
        post.bring(*(reversed(pair) if cancel_first else pair))

        item = WorkItem.objects.get(kind="content_fault")
        assert (item.reference, item.send_via) == ("I2", "824")
        assert item.text_to_send == (
            "manage.py market send-824 I2 --code CAO "
            "--text 'the cancel'\"'\"'s total is not the original'\"'\"'s'"
        )

    @pytest.mark.parametrize("invoice_first", [False, True])
    def test_other_kwh_than_the_usage_has_are_asked_about_until_cancelled(
        self, post: Post, *, invoice_first: bool
    ) -> None:
        invoice = invoice_set(charges=[("BAS001", "9.25")], total="949")
        invoice[-3:-3] = [ENERGY]
        invoice[-1][1] = str(len(invoice))
        pair = [usage_set(), invoice]
        post.bring(*(reversed(pair) if invoice_first else pair))

        item = WorkItem.objects.get(kind="content_fault")
        assert item.text.splitlines()[0] == (
            "A13: line 2 MSC041: billed on other kWh than the usage has; expected 695, found 700"
        )

        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))
        item.refresh_from_db()
        assert item.resolution == "the pair counts no more"

    def test_a_pair_that_agrees_asks_nothing(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(), invoice_set(
            reference="I2", purpose="01", corrects="I1"))  # fmt: skip

        assert not WorkItem.objects.filter(kind="content_fault").exists()


class TestCancelAfterARefusedCancel:
    AGAIN = invoice_set(reference="I3", purpose="01", corrects="I1", usage="U1")

    def test_takes_the_place_of_the_one_that_we_refused(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(), CANCEL)
        send("I2", "CAO")
        post.bring(self.AGAIN)

        outcomes = InboundOutcome.objects.filter(inbound_set__reference="I3")
        assert list(outcomes.values_list("state", "code")) == [("applied", "")]
        item = WorkItem.objects.get(kind="content_fault")
        assert (item.state, item.resolution) == ("resolved", "I3 cancels in its place")
        owed = [(each.reference, each.open_usd) for each in list_payables()]
        assert owed == [("I1", Decimal("184.88")), ("I3", Decimal("-184.88"))]

    def test_owes_nothing_twice_where_the_first_was_settled(self, post: Post) -> None:
        post.bring(invoice_set(), CANCEL)
        due = dt.date(2026, 3, 26)
        prepare_payment(
            tdsp_code="ONCOR_ELEC", due_by=due, payment_date=due, prepared_by="ann", now=NOW
        )
        send("I2", "CAO")
        post.bring(self.AGAIN)

        assert list_payables() == []

    def test_is_refused_where_the_first_was_not(self, post: Post) -> None:
        post.bring(invoice_set(), CANCEL, self.AGAIN)

        outcome = InboundOutcome.objects.get(inbound_set__reference="I3")
        assert (outcome.state, outcome.code) == ("rejected", "PCO")

    def test_is_refused_as_the_third(self, post: Post) -> None:
        post.bring(invoice_set(), CANCEL)
        send("I2", "CAO")
        post.bring(self.AGAIN)
        post.bring(invoice_set(reference="I4", purpose="01", corrects="I1", usage="U1"))

        outcome = InboundOutcome.objects.get(inbound_set__reference="I4")
        assert (outcome.state, outcome.code) == ("rejected", "PCO")


class TestOtherDatesThanTheUsage:
    INVOICE = invoice_set(start=dt.date(2026, 1, 20))

    def refused(self) -> list[list[str]]:
        return [
            segment[1:3]
            for message in OutboundMessage.objects.filter(kind="824")
            for segment in message.segments
            if segment[0] == "REF" and segment[1] == "7G"
        ]

    @pytest.mark.parametrize("invoice_first", [False, True])
    def test_are_refused_after_three_days_and_told_once(
        self, post: Post, *, invoice_first: bool
    ) -> None:
        pair = [usage_set(), self.INVOICE]
        post.bring(*(reversed(pair) if invoice_first else pair))
        due = dates_refused_at(received_at=NOW, calendars=get_calendars())

        sent = [refuse_other_dates(as_of=due + n * MINUTE) for n in (-1, 1, 2)]

        assert sent == [0, 1, 0]
        assert self.refused() == [["7G", "DDM"]]
        text = WorkItem.objects.get(kind="period_held").text
        assert "An 824 (DDM) was sent on" in text.splitlines()[-1]

    def test_are_left_alone_where_a_cancel_came_in_time(self, post: Post) -> None:
        post.bring(usage_set(), self.INVOICE)
        post.bring(invoice_set(reference="I2", purpose="01", corrects="I1", usage="U1"))
        due = dates_refused_at(received_at=NOW, calendars=get_calendars())

        assert refuse_other_dates(as_of=due + MINUTE) == 0
        assert self.refused() == []

    def test_are_a_person_s_after_the_window_of_the_824(self, post: Post) -> None:
        post.bring(usage_set(), self.INVOICE)

        assert refuse_other_dates(as_of=NOW + dt.timedelta(days=14)) == 0
        assert self.refused() == []

    def test_do_not_refuse_what_names_usage_that_counts_no_more(self, post: Post) -> None:
        post.bring(usage_set(), self.INVOICE)
        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))
        due = dates_refused_at(received_at=NOW, calendars=get_calendars())

        assert refuse_other_dates(as_of=due + MINUTE) == 0


class TestTakeAdvice:
    def test_of_a_remittance_asks_a_person_about_the_payment(
        self, post: Post, tmp_path: Path
    ) -> None:
        post.bring(invoice_set())
        due = dt.date(2026, 3, 26)
        payment = TdspPayment.objects.get(
            pk=prepare_payment(
                tdsp_code="ONCOR_ELEC", due_by=due, payment_date=due, prepared_by="ann", now=NOW
            )
        )

        assert bring_advice(tmp_path, payment.reference) == ("applied", "")

        item = WorkItem.objects.get(kind="payment_refused")
        assert item.title == f"ONCOR_ELEC refuses 820_02 {payment.reference}"
        assert item.text.startswith("CRI NO INVOICE I1\n")
        assert item.outbound_message_id == payment.outbound_message_id
        assert item.money_at_risk_usd == payment.total_usd

    def test_about_what_was_never_sent_waits_for_a_person(self, post: Post, tmp_path: Path) -> None:
        assert bring_advice(tmp_path, "PAY0") == ("parked", "advice_without_message")
        assert WorkItem.objects.get().kind == "set_advice_without_message"
