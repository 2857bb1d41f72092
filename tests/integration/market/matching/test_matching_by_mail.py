"""Usage and invoices arrive as files; what counts of them is what others are told."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import pytest

from ossrep.infra.audit import history_context
from ossrep.infra.services import standing_in
from ossrep.kernel.identifiers import EsiId
from ossrep.market.edi.x12.model import Segment
from ossrep.market.models import (
    InboundOutcome,
    InvoiceDocument,
    MatchedPeriod,
    OutboundMessage,
    OutboxEvent,
    Tdsp,
    TdspDuns,
    UnmappedCharge,
    UsageDocument,
    WaitingMessage,
    WorkItem,
)
from ossrep.market.service import MarketService
from ossrep.market.usecases.matching.billed_before import ask_about_billed_before
from ossrep.market.usecases.matching.standalone import name_accounts
from ossrep.market.usecases.matching.unmapped import count_unmapped
from ossrep.market.usecases.work_items import open_work_item
from ossrep.published.billing import BillingService, ServicePeriod
from ossrep.published.customer import CustomerService
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest
from tests.factories import market_orders as made
from tests.factories.market_mail import NOW
from tests.factories.market_matching import (
    CHARGES,
    END,
    ESI_ID,
    START,
    Post,
    invoice_set,
    usage_set,
)
from tests.fakes.billing import FakeBillingService
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account

pytestmark = pytest.mark.django_db(databases="__all__")


def last_outcomes() -> dict[str, tuple[str, str]]:
    """The last (state, code) of each document's number."""
    rows = InboundOutcome.objects.order_by("inbound_set", "number")
    return {
        row.inbound_set.reference: (row.state, row.code)
        for row in rows.select_related("inbound_set")
    }


def told(event_type: str) -> list[dict[str, object]]:
    rows = OutboxEvent.objects.filter(event_type=event_type).order_by("id")
    return [row.payload for row in rows]


def pairs() -> list[tuple[object, ...]]:
    """(usage, invoice, cancelled) of the pairs told, in order."""
    return [
        (event["usage_reference"], event["invoice_reference"], event["is_cancelled"])
        for event in told("market.usage-charges-matched.v1")
    ]


def chain_of_usage() -> list[list[Segment]]:
    return [
        usage_set(reference="U1"),
        usage_set(reference="U2", purpose="01", corrects="U1"),
        usage_set(reference="U3", purpose="05", corrects="U1", kwh="700"),
        usage_set(reference="U4", purpose="01", corrects="U3", kwh="700"),
        usage_set(reference="U5", purpose="05", corrects="U3", kwh="710"),
    ]


def other_point(segments: list[Segment]) -> list[Segment]:
    """The same document of another service point, its numbers with an X behind."""
    renamed = {f"U{number}": f"U{number}X" for number in range(1, 6)}
    renamed[ESI_ID] = f"{ESI_ID[:-1]}2"
    return [[renamed.get(element, element) for element in segment] for segment in segments]


def fee(reference: str = "F1", purpose: str = "00", corrects: str = "") -> list[Segment]:
    """An invoice without usage."""
    return invoice_set(
        reference=reference,
        kind="26",
        usage="",
        purpose=purpose,
        corrects=corrects,
        charges=[("SER001", "25.00")],
    )


def charges_of_february() -> tuple[DeliveryCharge, ...] | None:
    request = DeliveryChargeRequest(EsiId(ESI_ID), START, END)
    return MarketService().get_delivery_charges(requests=[request])[0]


class TestUsageAndInvoice:
    @pytest.mark.parametrize("is_usage_first", [True, False])
    def test_match_both_ways_round(self, post: Post, *, is_usage_first: bool) -> None:
        both = [usage_set(), invoice_set()]
        post.bring(*(both if is_usage_first else reversed(both)))
        assert last_outcomes() == {"U1": ("applied", ""), "I1": ("applied", "")}
        assert pairs() == [("U1", "I1", False)]
        assert told("market.usage-charges-matched.v1")[0]["total_usd"] == "184.88"

    def test_know_the_tdsp_while_history_is_kept(self, post: Post) -> None:
        """As a command runs: who did what goes in front of the first statement."""
        with history_context(command="market receive"):
            post.bring(usage_set(), invoice_set())
        codes = {row.tdsp_code for row in UsageDocument.objects.all()}
        assert codes | {row.tdsp_code for row in InvoiceDocument.objects.all()} == {"ONCOR_ELEC"}
        assert pairs() == [("U1", "I1", False)]

    def test_know_a_tdsp_by_a_number_that_it_had(self, post: Post) -> None:
        oncor = Tdsp.objects.get(code="ONCOR_ELEC")
        TdspDuns.objects.update_or_create(duns=oncor.duns, defaults={"tdsp": oncor})
        Tdsp.objects.filter(pk=oncor.pk).update(duns="100200300")
        post.bring(usage_set(), invoice_set())
        codes = {row.tdsp_code for row in UsageDocument.objects.all()}
        assert codes | {row.tdsp_code for row in InvoiceDocument.objects.all()} == {"ONCOR_ELEC"}

    def test_usage_is_told_at_once(self, post: Post) -> None:
        post.bring(usage_set())
        (event,) = told("market.usage-received.v1")
        assert {name: event[name] for name in ("esi_id", "start_date", "end_date")} == {
            "esi_id": ESI_ID,
            "start_date": "2026-01-19",
            "end_date": "2026-02-18",
        }
        assert (event["import_kwh"], event["export_kwh"], event["peak_kw"]) == ("695", "0", "10")

    def test_charges_are_answered_once_both_are_there(self, post: Post) -> None:
        post.bring(invoice_set())
        assert charges_of_february() is None
        post.bring(usage_set())
        found = charges_of_february()
        assert found is not None
        assert [(charge.code, charge.amount_usd) for charge in found] == [
            (code, Decimal(amount)) for code, amount in CHARGES
        ]

    def test_charges_between_companies_are_no_customers(self, post: Post) -> None:
        charges = [*CHARGES, ("INT001", "1.00")]
        post.bring(usage_set(), invoice_set(charges=charges))
        found = charges_of_february()
        assert found is not None
        assert [charge.code for charge in found] == [code for code, _ in CHARGES]

    def test_the_same_document_again_has_one_effect(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(), usage_set(), invoice_set())
        assert (UsageDocument.objects.count(), InvoiceDocument.objects.count()) == (1, 1)
        assert pairs() == [("U1", "I1", False)]

    def test_a_month_with_a_change_of_clocks(self, post: Post) -> None:
        months = [
            (dt.date(2025, 3, 1), dt.date(2025, 4, 1)),
            (dt.date(2025, 10, 20), dt.date(2025, 11, 19)),
        ]
        for number, (start, end) in enumerate(months):
            post.bring(
                usage_set(reference=f"U{number}", start=start, end=end),
                invoice_set(reference=f"I{number}", usage=f"U{number}", start=start, end=end),
            )
        found = MatchedPeriod.objects.order_by("start_date")
        assert list(found.values_list("start_date", "end_date", "state")) == [
            (*month, "matched") for month in months
        ]


class TestCorrections:
    def test_a_cancelled_invoice_takes_the_pair_back(self, post: Post) -> None:
        cancel = invoice_set(reference="I2", purpose="01", corrects="I1")
        post.bring(usage_set(), invoice_set(), cancel)
        assert pairs() == [("U1", "I1", False), ("U1", "I1", True)]
        assert charges_of_february() is None

    def test_a_cancel_before_its_original_is_parked_until_it_comes(self, post: Post) -> None:
        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))
        assert last_outcomes() == {"U2": ("parked", "waits_for_document")}
        post.bring(usage_set())
        assert last_outcomes() == {"U2": ("applied", ""), "U1": ("applied", "")}
        assert told("market.usage-received.v1") == []

    @pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
    def test_every_order_ends_in_the_same(self, post: Post, order: tuple[int, ...]) -> None:
        documents = chain_of_usage()
        post.bring(invoice_set(usage="U5"), *(documents[place] for place in order))
        assert {state for state, _ in last_outcomes().values()} == {"applied"}
        row = MatchedPeriod.objects.get()
        assert row.usage is not None
        assert (row.usage.reference, row.state) == ("U5", "matched")
        assert told("market.usage-received.v1")[-1]["import_kwh"] == "710"
        assert pairs()[-1] == ("U5", "I1", False)

    @pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::31])
    def test_in_one_file_they_end_and_are_told_as_in_many(
        self, post: Post, order: tuple[int, ...]
    ) -> None:
        documents = chain_of_usage()
        for place in order:
            post.bring(other_point(documents[place]))
        one_by_one = [event["source_reference"] for event in told("market.usage-received.v1")]

        post.bring_together(*(documents[place] for place in order))

        together = [event["source_reference"] for event in told("market.usage-received.v1")]
        assert [f"{name}X" for name in together[len(one_by_one) :]] == one_by_one
        assert last_outcomes() == {
            f"U{number}{end}": ("applied", "") for number in range(1, 6) for end in ("", "X")
        }

    def test_a_second_cancel_is_refused(self, post: Post) -> None:
        cancels = [usage_set(reference=n, purpose="01", corrects="U1") for n in ("U2", "U9")]
        post.bring(usage_set(), *cancels)
        assert last_outcomes()["U9"] == ("rejected", "PCO")


class TestContent:
    def test_a_sum_that_is_wrong_is_refused_with_an_824(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(total="99999"))
        assert last_outcomes()["I1"] == ("rejected", "SUM")
        (message,) = OutboundMessage.objects.filter(kind="824")
        assert ["REF", "7G", "SUM"] in [segment[:3] for segment in message.segments]
        assert pairs() == []

    @pytest.mark.parametrize("purpose", ["01", "05"])
    @pytest.mark.parametrize("is_refused_first", [True, False])
    def test_a_correction_of_a_refused_invoice_does_not_wait(
        self, post: Post, purpose: str, *, is_refused_first: bool
    ) -> None:
        both = [
            invoice_set(total="99999"),
            invoice_set(reference="I2", purpose=purpose, corrects="I1"),
        ]
        post.bring(usage_set(), *(both if is_refused_first else reversed(both)))
        assert last_outcomes()["I2"] == ("applied", "")
        assert pairs() == ([("U1", "I2", False)] if purpose == "05" else [])

    def test_a_refused_invoice_comes_again_corrected(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(total="99999"), invoice_set())
        assert pairs() == [("U1", "I1", False)]

    def test_a_charge_code_that_no_list_knows_asks_a_person(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(charges=[("XYZ999", "5.00")]))
        assert last_outcomes()["I1"] == ("applied", "")
        assert WorkItem.objects.get(kind="charge_code_unmapped").reference == "I1"
        assert pairs() == [("U1", "I1", False)]

    def test_a_charge_code_asks_once_with_the_count_of_its_invoices(self, post: Post) -> None:
        for number in ("I1", "I2", "I3"):
            charges = [("XYZ999", "5.00"), ("XYZ999", "0.50")]
            post.bring(invoice_set(reference=number, charges=charges, end=END, usage=""))

        left = count_unmapped(now=NOW)

        item = WorkItem.objects.get(kind="charge_code_unmapped")
        assert left == 1
        assert item.title == "Charge code XYZ999 of ONCOR_ELEC is in no list (3 invoices)"
        assert (item.reference, item.money_at_risk_usd) == ("I1", Decimal("16.50"))

    def test_a_question_is_settled_once_a_list_knows_the_code(self, post: Post) -> None:
        post.bring(invoice_set(charges=[("XYZ999", "5.00")]))
        UnmappedCharge.objects.create(
            invoice=InvoiceDocument.objects.get(),
            tdsp_code="ONCOR_ELEC",
            code="IS",
            amount_usd=Decimal("1.00"),
        )
        open_work_item(
            kind="charge_code_unmapped", key="ONCOR_ELEC IS", title="IS", text="?", now=NOW
        )

        left = count_unmapped(now=NOW)

        item = WorkItem.objects.get(key="ONCOR_ELEC IS")
        assert left == 1
        assert (item.state, item.resolution) == ("resolved", "the list knows the code now")

    def test_usage_over_years_is_refused_with_an_824(self, post: Post) -> None:
        post.bring(usage_set(start=dt.date(2021, 1, 19)))
        assert last_outcomes()["U1"] == ("rejected", "A13")
        (message,) = OutboundMessage.objects.filter(kind="824")
        assert ["REF", "7G", "A13"] in [segment[:3] for segment in message.segments]
        assert told("market.usage-received.v1") == []

    def test_standalone_charges_wait_for_no_usage(self, post: Post) -> None:
        post.bring(invoice_set(kind="26", usage="", charges=[("SER001", "25.00")]))
        assert last_outcomes() == {"I1": ("applied", "")}
        assert MatchedPeriod.objects.count() == 0
        assert WorkItem.objects.get(kind="standalone_charges").money_at_risk_usd == Decimal("25.00")

    def test_standalone_charges_name_the_account_that_they_concern(self, post: Post) -> None:
        post.bring(fee())
        contract = a_contract(
            contract_id=1, account_id=7, esi_id=EsiId(ESI_ID), start_date=START, end_date=END
        )
        with standing_in(CustomerService, InMemoryCustomers([])):
            assert name_accounts(now=NOW) == 0
        customers = InMemoryCustomers([an_account(account_id=7, contracts=[contract])])
        with standing_in(CustomerService, customers):
            assert [name_accounts(now=NOW), name_accounts(now=NOW)] == [1, 0]
        title = WorkItem.objects.get(kind="standalone_charges").title
        assert title == f"Standalone charges of {ESI_ID}: invoice F1; account 000000007"

    def test_standalone_charges_come_with_the_next_period_that_is_matched(self, post: Post) -> None:
        post.bring(fee())
        post.bring(usage_set(), invoice_set())
        charges = charges_of_february()
        assert charges is not None
        assert [(each.code, each.amount_usd) for each in charges[3:]] == [
            ("SER001", Decimal("25.00"))
        ]
        item = WorkItem.objects.get(kind="standalone_charges")
        assert item.resolution == "billing gets them with the charges of 2026-01-19 to 2026-02-18"

    def test_standalone_charges_that_are_cancelled_go_to_nobody(self, post: Post) -> None:
        post.bring(fee(), fee(reference="F2", purpose="01", corrects="F1"))
        post.bring(usage_set(), invoice_set())
        charges = charges_of_february()
        assert charges is not None
        assert len(charges) == len(CHARGES)
        assert WorkItem.objects.get(kind="standalone_charges").resolution == "cancelled by F2"

    def test_standalone_charges_that_were_given_come_back_with_a_later_period(
        self, post: Post
    ) -> None:
        post.bring(fee(), usage_set(), invoice_set())
        post.bring(fee(reference="F2", purpose="01", corrects="F1"))
        later = dt.date(2026, 2, 19)
        post.bring(usage_set(reference="U2", start=END, end=later))
        post.bring(invoice_set(reference="I2", usage="U2", start=END, end=later))
        (charges,) = MarketService().get_delivery_charges(
            requests=[DeliveryChargeRequest(EsiId(ESI_ID), END, later)]
        )
        assert charges is not None
        assert charges[-1].amount_usd == Decimal("-25.00")

    def test_standalone_charges_of_a_period_billed_before_are_asked_about_not_billed_twice(
        self, post: Post
    ) -> None:
        post.bring(fee(), usage_set(), invoice_set())
        later = dt.date(2026, 2, 19)
        post.bring(usage_set(reference="U2", start=END, end=later))
        post.bring(invoice_set(reference="I2", usage="U2", start=END, end=later))
        billing = FakeBillingService(by_tariff={ServicePeriod(EsiId(ESI_ID), START, END)})
        with standing_in(BillingService, billing):
            counts = [ask_about_billed_before(as_of=NOW) for _ in range(2)]
            item = WorkItem.objects.get(kind="standalone_not_billed")
            billing.by_tariff.clear()
            counts.append(ask_about_billed_before(as_of=NOW))
        assert counts == [1, 1, 0]
        assert item.text.startswith("SER001 ")
        assert WorkItem.objects.get(pk=item.pk).state == "resolved"
        (charges,) = MarketService().get_delivery_charges(
            requests=[DeliveryChargeRequest(EsiId(ESI_ID), END, later)]
        )
        assert "SER001" not in [each.code for each in charges or ()]

    def test_another_period_than_the_usage_named_is_held(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(end=END + dt.timedelta(days=1)))
        assert WorkItem.objects.get(kind="period_held").reference == "I1"
        assert pairs() == []


class TestFinalUsage:
    def test_is_told_as_final_and_waits_for_its_order(self, post: Post) -> None:
        post.bring(usage_set(is_final=True, order="ORDER1"), invoice_set(kind="FE"))
        assert told("market.usage-received.v1")[0]["is_final"] is True
        assert told("market.usage-charges-matched.v1")[0]["is_final"] is True
        assert last_outcomes()["U1"] == ("applied", "")

    def test_that_is_cancelled_asks_about_the_order_it_ended(self, post: Post) -> None:
        order = made.move_out(esi_id=ESI_ID)
        made.receive(made.move_out_answer(order.reference, "WQ", date=END))
        post.bring(usage_set(is_final=True, order=order.reference))
        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))
        asked = WorkItem.objects.get(kind="final-read-withdrawn")

        post.bring(
            usage_set(
                reference="U3", purpose="05", corrects="U1", is_final=True, order=order.reference
            )
        )

        settled = WorkItem.objects.get(pk=asked.pk)
        assert (asked.state, asked.order_id, asked.reference) == ("open", order.pk, "U1")
        assert (settled.state, settled.resolution) == ("resolved", "the final usage U3 has come")

    def test_that_is_cancelled_waits_for_no_order(self, post: Post) -> None:
        post.bring(usage_set(is_final=True, order="ORDER1"))
        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))

        assert WaitingMessage.objects.get().state == "laid_aside"


class TestCancelledUsage:
    def test_is_told_before_what_takes_its_place(self, post: Post) -> None:
        post.bring(*chain_of_usage()[:3])

        kinds = OutboxEvent.objects.filter(event_type__contains="usage-").order_by("id")
        assert [(row.event_type[13:-3], row.payload["source_reference"]) for row in kinds] == [
            ("received", "U1"),
            ("cancelled", "U1"),
            ("received", "U3"),
        ]
