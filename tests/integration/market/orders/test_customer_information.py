"""Whom we serve, told to the wires company: after the start of service and on each change."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from ossrep.infra import services
from ossrep.kernel import clock
from ossrep.kernel.identifiers import BrandId, EsiId
from ossrep.market.domain.order_requests import RequestRefused
from ossrep.market.models import Deadline, Order, OutboundMessage, TradingPartner, WorkItem
from ossrep.market.usecases.orders.customer_information import send_customer_information
from ossrep.published.customer import (
    BillingContact,
    ContractActivated,
    CustomerDetailsChanged,
    CustomerService,
)
from tests.factories import market_orders as made
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account, an_address
from tests.integration.market.orders.test_wishes import deliver

pytestmark = pytest.mark.django_db(databases="__all__")

START = dt.date(2026, 6, 10)
PAT = BillingContact(
    esi_id=EsiId(made.ESI_ID),
    account_number="A1",
    brand_id=BrandId(1),
    first_name="Pat",
    last_name="Sample",
    company_name="",
    contact_name="",
    care_of="",
    address=an_address(),
    phone="(214) 555-0100",
    email="",
)
ACTIVATED = ContractActivated(
    account_id=1,
    account_number="A1",
    contract_id=1,
    esi_id=made.ESI_ID,
    tdsp_code="ONCOR_ELEC",
    plan_version_id=1,
    start_date=START,
    term_end_date=None,
)


@pytest.fixture
def customers() -> Iterator[InMemoryCustomers]:
    """One customer, served at one ESI ID of a TDSP that asks for customers' data."""
    made.add_identity()
    TradingPartner.objects.filter(code="ONCOR_ELEC").update(wants_customer_information=True)
    contract = a_contract(contract_id=1, account_id=1, esi_id=EsiId(made.ESI_ID), start_date=START)
    known = InMemoryCustomers([an_account(account_id=1, contracts=[contract])])
    known.billing_contacts = [PAT]
    with services.standing_in(CustomerService, known), clock.standing_at(_at(START)):
        yield known


def _at(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(17), dt.UTC)


def told() -> list[tuple[str, str, list[str]]]:
    """(kind, to whom, name and phone) of what was sent, in order."""
    return [
        (
            message.kind,
            message.partner.code,
            [s[2] for s in message.segments if s[:2] == ["N1", "8R"]]
            + [s[4] for s in message.segments if s[0] == "PER"],
        )
        for message in OutboundMessage.objects.order_by("pk")
    ]


def change() -> CustomerDetailsChanged:
    return CustomerDetailsChanged(
        account_id=1, account_number="A1", changed=("contacts",), effective_date=START
    )


class TestContractActivated:
    def test_tells_the_tdsp_whom_we_serve(self, customers: InMemoryCustomers) -> None:
        order = made.switch()
        made.receive(made.scheduled(order.reference, START))
        made.read("867_04", original=order.reference, date=START)

        deliver(ACTIVATED)

        assert told()[1:] == [("814_PC", "ONCOR_ELEC", ["PAT SAMPLE", "2145550100"])]
        order = Order.objects.get(kind="customer_information")
        assert (order.state, order.account_number) == ("sent", "A1")

    def test_tells_nothing_where_no_order_began_the_service(
        self, customers: InMemoryCustomers
    ) -> None:
        deliver(ACTIVATED)

        assert told() == []

    def test_tells_nothing_to_a_tdsp_that_does_not_ask(self, customers: InMemoryCustomers) -> None:
        TradingPartner.objects.update(wants_customer_information=False)
        made.switch()
        Order.objects.update(effective_date=START)

        deliver(ACTIVATED)

        assert [kind for kind, *_ in told()] == ["814_01"]


class TestDetailsChanged:
    def test_tells_what_is_new_and_only_that(self, customers: InMemoryCustomers) -> None:
        deliver(change())
        deliver(change())
        customers.billing_contacts = [dataclasses.replace(PAT, phone="2145550199")]
        deliver(change())

        assert [words for *_, words in told()] == [
            ["PAT SAMPLE", "2145550100"],
            ["PAT SAMPLE", "2145550199"],
        ]

    def test_tells_again_what_was_refused(self, customers: InMemoryCustomers) -> None:
        deliver(change())
        order = Order.objects.get()
        made.receive(made.information_answer(order.reference, "U", "A76"))
        deliver(change())

        assert sorted(Order.objects.values_list("state", flat=True)) == ["rejected", "sent"]

    def test_asks_a_person_where_the_data_cannot_be_sent(
        self, customers: InMemoryCustomers
    ) -> None:
        customers.billing_contacts = [dataclasses.replace(PAT, phone="1" * 17)]

        deliver(change())

        item = WorkItem.objects.get()
        assert (item.kind, item.esi_id) == ("customer-information-not-sent", made.ESI_ID)
        assert "more than 16 digits" in item.text
        assert told() == []


class TestSendCustomerInformation:
    def test_expects_the_answer_after_two_business_days(self, customers: InMemoryCustomers) -> None:
        send_customer_information(esi_id=made.ESI_ID, now=_at(START))

        # Wednesday noon; Friday 17:00 of the TDSP.
        due = dt.datetime(2026, 6, 12, 22, 0, tzinfo=dt.UTC)
        assert Deadline.objects.get(expects="814_PD").due_at == due

    def test_refuses_where_nobody_is_served(self, customers: InMemoryCustomers) -> None:
        with pytest.raises(RequestRefused, match="nobody is served"):
            send_customer_information(esi_id=made.ESI_ID, now=_at(START - dt.timedelta(days=9)))

        assert told() == []

    def test_is_a_command(
        self, customers: InMemoryCustomers, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for more in ([], [], ["--again", "--membership", "M77"]):
            call_command("market", "customer-information", made.ESI_ID, *more)

        orders = list(Order.objects.order_by("pk"))
        assert [order.request["membership_id"] for order in orders] == ["", "M77"]
        first, second = (f"{order.reference}: sent" for order in orders)
        assert capsys.readouterr().out.split("\n") == [first, first, second, ""]
        assert ["REF", "1W", "M77"] in OutboundMessage.objects.get(
            reference=orders[1].reference
        ).segments
