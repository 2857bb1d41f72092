"""Every process between our market and the played one, over files, to its end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import EsiId
from ossrep.market.db import ALIAS, transaction
from ossrep.market.models import (
    Deadline,
    InvoiceDocument,
    MatchedPeriod,
    OutboundGroup,
    OutboundMessage,
    ServicePoint,
    TdspPayment,
    WorkItem,
)
from ossrep.market.queries.payables import list_payables
from ossrep.market.service import MarketService
from ossrep.published.market import DeliveryChargeRequest
from tests.factories.market_story import Story
from tests.journeys.market_script import day, play

# Its one long transaction would make the readers of feeds in another process wait.
pytestmark = pytest.mark.xdist_group("long_transaction")


class Undone(Exception):
    """Takes back what a story has left in the database."""


@pytest.fixture(scope="module")
def story(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """One month in which everything happens, played once for all tests of this module."""
    with django_db_blocker.unblock():
        try:
            with transaction():
                yield play(tmp_path_factory.mktemp("market"))
                raise Undone
        except Undone:
            pass


def pairs(story: Story, name: str) -> list[tuple[Any, ...]]:
    """(usage, invoice, cancelled) that billing was told of a part, numbered as they came."""
    numbers: dict[str, int] = {}
    told = story.events(name, "usage_reference", "invoice_reference", "is_cancelled")
    found = [each[1:] for each in told if each[0] == "usage-charges-matched"]
    return [
        (*(numbers.setdefault(text, len(numbers) + 1) for text in pair[:2]), pair[2])
        for pair in found
    ]


class TestEnrollments:
    def test_a_move_in_with_history_leads_to_the_first_bill(self, story: Story) -> None:
        assert story.orders("mover") == [("move_in", "completed")]
        assert story.messages("mover") == [
            "> 814_16", "< 814_05", "< 867_02", "< 867_04", "< 867_03", "< 810_02",
        ]  # fmt: skip
        assert story.events("mover", "scheduled_date", "start_date", "end_date", "is_final") == [
            ("enrollment-accepted", "2026-09-04"),
            ("enrollment-completed", "2026-09-04"),
            ("usage-received", "2026-09-04", "2026-09-21", False),
            ("usage-charges-matched", "2026-09-04", "2026-09-21", False),
        ]
        assert story.deadlines("mover") == {"814_05": "met", "867_04": "met"}
        assert story.items("mover") == []

    def test_a_priority_move_in_begins_the_same_day(self, story: Story) -> None:
        assert story.events("hasty", "scheduled_date", "start_date")[:2] == [
            ("enrollment-accepted", "2026-09-01"),
            ("enrollment-completed", "2026-09-01"),
        ]
        assert story.deadlines("hasty") == {"814_05": "met", "867_04": "met"}

    def test_a_switch_begins_on_the_first_day_available(self, story: Story) -> None:
        assert story.orders("switcher") == [("switch", "completed")]
        assert story.events("switcher", "start_date")[1] == ("enrollment-completed", "2026-09-02")
        assert story.deadlines("switcher") == {"814_05": "met", "867_04": "met"}

    def test_a_switch_hold_refuses_a_switch(self, story: Story) -> None:
        assert story.orders("held") == [("switch", "rejected")]
        assert story.events("held", "reason_codes") == [("enrollment-rejected", ["SHF"])]
        assert story.items("held") == ["order-rejected"]

    def test_a_permit_is_waited_for(self, story: Story) -> None:
        assert story.messages("permit")[:4] == ["> 814_16", "< 814_28", "< 814_05", "< 867_04"]
        assert story.events("permit")[:3] == [
            "enrollment-permit-pending", "enrollment-accepted", "enrollment-completed",
        ]  # fmt: skip
        assert story.deadlines("permit") == {"814_05": "met", "permit": "met", "867_04": "met"}

    def test_what_cannot_be_executed_is_told(self, story: Story) -> None:
        assert story.orders("unexecuted") == [("move_in", "unexecutable")]
        assert story.events("unexecuted", "reason_code")[-1] == ("enrollment-cancelled", "T018")
        assert story.items("unexecuted") == ["order-unexecutable"]


class TestChanges:
    def test_a_cancel_of_ours_ends_the_order(self, story: Story) -> None:
        assert story.orders("quitter") == [("move_in", "cancelled"), ("cancel", "accepted")]
        assert story.messages("quitter") == ["> 814_16", "< 814_05", "> 814_08", "< 814_09"]
        assert story.events("quitter") == ["enrollment-accepted", "enrollment-cancelled"]
        assert story.deadlines("quitter")["814_09"] == "met"
        assert story.items("quitter") == []

    def test_a_cancel_of_ercot_asks_what_stood_in_the_way(self, story: Story) -> None:
        assert story.orders("dropped") == [("move_in", "cancelled")]
        assert story.events("dropped", "reason_code")[-1] == ("enrollment-cancelled", "A95")
        assert story.items("dropped") == ["cancelled-by-market"]

    def test_another_day_is_held_to(self, story: Story) -> None:
        assert story.orders("rescheduled") == [
            ("move_in", "completed"), ("date_change", "accepted"),
        ]  # fmt: skip
        assert story.events("rescheduled", "scheduled_date", "start_date")[:3] == [
            ("enrollment-accepted", "2026-09-08"),
            ("enrollment-accepted", "2026-09-11"),
            ("enrollment-completed", "2026-09-11"),
        ]
        assert story.deadlines("rescheduled") == {
            "814_05": "met", "867_04": "met", "814_13": "met",
        }  # fmt: skip


class TestDepartures:
    def test_a_move_out_ends_with_the_final_bill(self, story: Story) -> None:
        assert story.orders("leaver") == [("move_out", "completed")]
        assert story.messages("leaver") == ["> 814_24", "< 814_25", "< 867_03", "< 810_02"]
        assert story.events("leaver", "scheduled_date", "end_date", "is_final") == [
            ("move-out-scheduled", "2026-09-09"),
            ("move-out-completed", "2026-09-09"),
            ("usage-received", "2026-09-09", True),
            ("usage-charges-matched", "2026-09-09", True),
        ]
        assert story.deadlines("leaver") == {"814_25": "met", "867_03 final": "met"}

    def test_an_agreement_brings_the_premises_back(self, story: Story) -> None:
        assert story.orders("landlord") == [
            ("csa", "agreed"), ("move_out", "completed"), ("csa_return", "returned"),
        ]  # fmt: skip
        assert set(story.deadlines("landlord").values()) == {"met"}
        assert story.items("landlord") == ["csa-return"]

    def test_a_loss_ends_the_contract(self, story: Story) -> None:
        assert story.orders("lost") == [("loss", "lost")]
        assert story.events("lost", "kind", "effective_date")[0] == (
            "contract-lost", "move_in", "2026-09-09",
        )  # fmt: skip
        assert story.items("lost") == []

    def test_a_mass_transition_takes_a_premises(self, story: Story) -> None:
        assert story.orders("transferred") == [("transition_loss", "lost")]
        assert story.events("transferred", "kind", "effective_date")[0] == (
            "contract-lost", "mass_transition", "2026-09-14",
        )  # fmt: skip
        assert story.deadlines("transferred") == {"867_03 final": "met"}

    def test_a_mass_transition_gives_a_premises(self, story: Story) -> None:
        assert story.orders("inherited") == [("transition_gain", "ours")]
        assert story.order("inherited", "transition_gain").effective_date == day(11)
        assert story.deadlines("inherited") == {"867_04": "met"}
        assert story.items("inherited") == ["transition-gain"]


class TestReturns:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [("stolen", "inadvertent_loss"), ("rescinder", "rescission_return")],
    )
    def test_what_was_lost_comes_back_by_a_backdated_move_in(
        self, story: Story, name: str, kind: str
    ) -> None:
        assert story.orders(name) == [("loss", "lost"), (kind, "restored")]
        assert story.order(name, kind).effective_date == day(7)
        assert story.events(name, "effective_date", "start_date", "end_date")[0::2] == [
            ("contract-lost", "2026-09-06"),
            ("usage-charges-matched", "2026-09-01", "2026-09-06"),
            ("usage-charges-matched", "2026-09-07", "2026-09-21"),
        ]
        assert set(story.deadlines(name).values()) == {"met"}

    def test_what_was_gained_in_error_goes_back(self, story: Story) -> None:
        assert story.orders("mistaken") == [
            ("switch", "completed"),
            ("inadvertent_gain", "returned"),
        ]
        assert story.events("mistaken", "kind", "effective_date", "is_final")[2:] == [
            ("contract-lost", "other", "2026-09-13"),
            ("usage-received", True),
            ("usage-charges-matched", True),
        ]
        assert set(story.deadlines("mistaken").values()) == {"met"}


class TestServiceOrders:
    def test_a_disconnect_is_worked_and_taken_back(self, story: Story) -> None:
        assert story.orders("debtor") == [
            ("disconnect", "reconnected"), ("reconnect", "reconnected"),
        ]  # fmt: skip
        assert story.events("debtor", "completed_at")[:2] == [
            ("disconnect-completed", "2026-09-03T14:19:00+00:00"),
            ("reconnect-completed", "2026-09-03T19:00:00+00:00"),
        ]
        assert set(story.deadlines("debtor").values()) == {"met"}
        assert story.items("debtor") == []

    def test_a_payment_before_the_work_makes_both_void(self, story: Story) -> None:
        assert story.orders("payer") == [("disconnect", "cancelled"), ("reconnect", "void")]
        assert story.events("payer", "reason_codes")[0] == ("disconnect-refused", ["V005"])
        assert story.items("payer") == []

    def test_a_refusal_is_told_to_billing(self, story: Story) -> None:
        assert story.orders("refused") == [("disconnect", "rejected")]
        assert story.events("refused", "reason_text")[0] == (
            "disconnect-refused", "A13 METER NOT FOUND",
        )  # fmt: skip
        item = WorkItem.objects.get(kind="disconnect-rejected")
        assert item.money_at_risk_usd == Decimal("210.55")

    def test_a_hold_is_placed_and_lifted(self, story: Story) -> None:
        assert story.orders("pledge") == [("hold_add", "placed"), ("hold_remove", "removed")]
        assert story.messages("pledge")[:6] == ["> 650_01", "< 650_02", "< 814_20"] * 2
        assert ServicePoint.objects.get(esi_id=story.esi["pledge"]).has_switch_hold is False

    def test_history_comes_without_an_enrollment(self, story: Story) -> None:
        assert story.orders("curious") == [("history", "received")]
        assert story.deadlines("curious") == {"814_27": "met", "867_02": "met"}

    def test_a_tdsp_is_told_whom_we_serve(self, story: Story) -> None:
        assert story.orders("introduced") == [("customer_information", "accepted")]
        assert story.messages("introduced")[:2] == ["> 814_PC", "< 814_PD"]
        assert story.deadlines("introduced") == {"814_PD": "met"}
        assert story.items("introduced") == []

    def test_a_tdsp_that_refuses_the_customer_s_data_is_asked_about(self, story: Story) -> None:
        assert story.orders("unwelcome") == [("customer_information", "rejected")]
        item = WorkItem.objects.get(kind="customer-information-rejected")
        assert (item.esi_id, "NAME UNREADABLE" in item.text) == (story.esi["unwelcome"], True)

    def test_an_outage_and_a_new_meter_are_noted(self, story: Story) -> None:
        assert story.orders("outage") == [("suspension", "suspended")]
        point = ServicePoint.objects.get(esi_id=story.esi["exchanged"])
        assert point.meter_numbers == [story.row("exchanged").meter]


class TestDocuments:
    def test_a_wrong_invoice_is_refused_and_corrected(self, story: Story) -> None:
        assert story.messages("overbilled")[:3] == ["< 867_03", "< 810_02", "> 824"]
        assert pairs(story, "overbilled") == [(1, 2, False)]
        assert story.items("overbilled") == []

    def test_a_correction_ends_in_one_right_pair(self, story: Story) -> None:
        assert pairs(story, "corrected") == [(1, 2, False), (1, 2, True), (3, 4, False)]
        assert story.items("corrected") == []

    def test_charges_are_those_of_the_invoice_that_counts(self, story: Story) -> None:
        period = MatchedPeriod.objects.get(esi_id=story.esi["corrected"], state="matched")
        request = DeliveryChargeRequest(EsiId(period.esi_id), period.start_date, period.end_date)

        (charges,) = MarketService().get_delivery_charges(requests=[request])

        assert charges is not None
        assert period.invoice is not None
        assert sum(each.amount_usd for each in charges) == period.invoice.total_usd


class TestRemittances:
    def paid(self, story: Story, name: str) -> list[tuple[str, bool]]:
        """(dollars, whether the invoice is paid in full) as the TDSP has booked them."""
        lines = [line for line in story.journal("paid") if line["esi_id"] == story.esi[name]]
        return [(line["usd"], line["is_whole"]) for line in lines]

    def test_a_cancel_of_what_was_paid_is_a_negative_advice(self, story: Story) -> None:
        original, cancel, again = InvoiceDocument.objects.filter(
            esi_id=story.esi["corrected"]
        ).order_by("pk")
        payments = TdspPayment.objects.filter(lines__invoice__esi_id=story.esi["corrected"])

        assert list(payments.order_by("pk").values_list("state", "total_usd")) == [
            ("sent", original.total_usd),
            ("sent", -original.total_usd),
            ("sent", again.total_usd - 1),
        ]
        advice_id = payments.get(total_usd__lt=0).outbound_message_id
        assert advice_id is not None
        advice = OutboundMessage.objects.get(pk=advice_id)
        head = next(segment for segment in advice.segments if segment[0] == "BPR")
        assert head[2:4] == [f"{original.total_usd}", "D"]
        assert cancel.original_reference == original.reference
        assert self.paid(story, "corrected")[:2] == [
            (f"{original.total_usd}", True), (f"{-original.total_usd}", True),
        ]  # fmt: skip

    def test_a_short_payment_leaves_the_rest_in_dispute(self, story: Story) -> None:
        again = InvoiceDocument.objects.get(esi_id=story.esi["corrected"], purpose="replace")

        owed = list_payables(references=[again.reference])

        assert [(each.open_usd, each.is_disputed) for each in owed] == [(Decimal(1), True)]
        assert self.paid(story, "corrected")[-1] == (f"{again.total_usd - 1}", False)

    def test_one_that_the_tdsp_refuses_asks_a_person_about_the_money(self, story: Story) -> None:
        payment = TdspPayment.objects.get(lines__invoice__esi_id=story.esi["calm"])
        item = WorkItem.objects.get(kind="payment_refused")

        assert item.title == f"ONCOR_ELEC refuses 820_02 {payment.reference}"
        assert item.text.splitlines()[0] == "A13 NO MONEY CAME"
        assert item.money_at_risk_usd == payment.total_usd
        assert self.paid(story, "calm") == []


class TestTheWholeMonth:
    def test_leaves_no_answer_late_or_awaited(self, story: Story) -> None:
        assert story.journal("not understood") == []
        assert list(Deadline.objects.exclude(state="met").values_list("expects", "step")) == []

    def test_has_every_group_acknowledged(self, story: Story) -> None:
        groups = OutboundGroup.objects.exclude(functional_id="FA")
        assert set(groups.values_list("acknowledgment", flat=True)) == {"A"}

    def test_keeps_the_invariants(self, story: Story) -> None:
        assert_invariants(contexts=[ALIAS])
