"""What other contexts get from the customer context."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ossrep.customer.models import Contact
from ossrep.customer.service import CustomerService
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import AccountId, EsiId
from ossrep.published.customer import Address, BillingAccount, BillingContract
from ossrep.published.customer import CustomerService as Published
from tests.factories.customer import (
    a_business,
    a_certificate,
    a_contract,
    a_meter,
    a_person,
    a_premises,
    an_account,
)

pytestmark = pytest.mark.django_db(databases="__all__")

END = dt.date(2026, 8, 1)


def ask(*ids: int, period_end: dt.date = END) -> list[BillingAccount]:
    asked = [AccountId(i) for i in ids]
    return list(CustomerService().get_billing_accounts(account_ids=asked, period_end=period_end))


class TestResolving:
    def test_finds_this_implementation(self) -> None:
        assert isinstance(resolve(Published), CustomerService)


class TestGetBillingAccounts:
    def test_tells_all_that_a_bill_prints(self) -> None:
        account = an_account(
            customer=a_person(number="C1", first_name="Grace", last_name="Hopper"),
            number="900001",
            brand_id=4,
            bill_to_name="",
            delivery="email",
            email="grace@example.com",
            language="es",
        )
        premises = a_premises(
            esi_id="10443720000000001", service_line2="Apt 2", rate_class="res", tax_place="PLANO"
        )
        a_meter(premises=premises, number="M77")
        contract = a_contract(
            account=account,
            premises=premises,
            plan_version_id=9,
            start_date=dt.date(2026, 3, 4),
            term_end_date=dt.date(2027, 3, 4),
        )

        [found] = ask(account.pk)

        assert found == BillingAccount(
            account_id=account.pk,
            account_number="900001",
            customer_id=account.customer_id,
            customer_name="Grace Hopper",
            customer_class="residential",
            brand_id=4,  # type: ignore[arg-type]
            bill_to_name="Grace Hopper",
            mailing_address=Address("PO Box 5", "", "Austin", "TX", "78701"),
            email="grace@example.com",
            delivery="email",
            language="es",
            contracts=(
                BillingContract(
                    contract_id=contract.pk,
                    account_id=account.pk,
                    premises_id=premises.pk,
                    esi_id=EsiId("10443720000000001"),
                    meter_number="M77",
                    tdsp_code="ONCOR_ELEC",  # type: ignore[arg-type]
                    rate_class="res",
                    read_cycle="07",
                    plan_version_id=9,  # type: ignore[arg-type]
                    start_date=dt.date(2026, 3, 4),
                    end_date=None,
                    term_end_date=dt.date(2027, 3, 4),
                    service_address=Address(
                        premises.service_line1, "Apt 2", "Dallas", "TX", "75201"
                    ),
                    tax_place="PLANO",
                    exemption="none",
                ),
            ),
        )

    def test_keeps_the_order_asked_and_leaves_out_unknown_ids(self) -> None:
        first, second = an_account(), an_account()

        found = ask(second.pk, 10**12, first.pk)

        assert [a.account_id for a in found] == [second.pk, first.pk]

    def test_names_a_business_and_its_bill_to(self) -> None:
        customer = a_business(business_name="Acme LLC")
        account = an_account(customer=customer, bill_to_name="Acme Accounts Payable")

        [found] = ask(account.pk)

        assert (found.customer_name, found.bill_to_name) == ("Acme LLC", "Acme Accounts Payable")

    def test_orders_contracts_by_premises_number_and_drops_pending_and_cancelled(self) -> None:
        account = an_account()
        late = a_contract(account=account, premises=a_premises(number="P-Z"))
        early = a_contract(account=account, premises=a_premises(number="P-A"))
        a_contract(account=account, status="pending")
        a_contract(account=account, status="cancelled")
        ended = a_contract(
            account=account,
            premises=a_premises(number="P-B"),
            status="ended",
            end_date=dt.date(2026, 2, 1),
            end_reason="move_out",
        )

        [found] = ask(account.pk)

        assert [c.contract_id for c in found.contracts] == [early.pk, ended.pk, late.pk]

    def test_gives_the_meter_in_place_on_the_last_day(self) -> None:
        contract = a_contract()
        exchange = dt.date(2026, 7, 31)
        a_meter(premises=contract.premises, number="OLD", removed_date=exchange)
        a_meter(premises=contract.premises, number="NEW", installed_date=exchange)

        [before] = ask(contract.account_id, period_end=exchange)
        [after] = ask(contract.account_id, period_end=exchange + dt.timedelta(days=1))

        assert before.contracts[0].meter_number == "OLD"
        assert after.contracts[0].meter_number == "NEW"

    def test_gives_no_meter_where_none_is_known_and_joins_several(self) -> None:
        contract = a_contract()
        [bare] = ask(contract.account_id)
        a_meter(premises=contract.premises, number="B")
        a_meter(premises=contract.premises, number="A")

        [found] = ask(contract.account_id)

        assert bare.contracts[0].meter_number == ""
        assert found.contracts[0].meter_number == "A, B"

    @pytest.mark.parametrize(
        ("period_end", "exemption"),
        [
            (dt.date(2026, 6, 1), "none"),
            (dt.date(2026, 6, 2), "sales_tax"),
            (dt.date(2026, 7, 1), "sales_tax"),
            (dt.date(2026, 7, 2), "none"),
        ],
    )
    def test_takes_the_certificate_in_force_on_the_last_day(
        self, period_end: dt.date, exemption: str
    ) -> None:
        contract = a_contract()
        a_certificate(
            account=contract.account,
            from_date=dt.date(2026, 6, 1),
            to_date=dt.date(2026, 7, 1),
        )

        [found] = ask(contract.account_id, period_end=period_end)

        assert found.contracts[0].exemption == exemption

    def test_prefers_the_certificate_of_the_premises(self) -> None:
        account = an_account()
        school = a_contract(account=account, premises=a_premises(number="P-A")).premises
        a_contract(account=account, premises=a_premises(number="P-B"))
        a_certificate(account=account)
        a_certificate(account=account, premises=school, exemption="public_school_district")

        [found] = ask(account.pk)

        assert [c.exemption for c in found.contracts] == ["public_school_district", "sales_tax"]

    @pytest.mark.parametrize("accounts", [1, 40])
    def test_needs_two_queries_however_many_accounts(
        self, accounts: int, django_assert_num_queries: Any
    ) -> None:
        ids = [a_contract().account_id for _ in range(accounts)]

        with django_assert_num_queries(2, using="customer"):
            found = ask(*ids)

        assert len(found) == accounts


class TestListContractRefs:
    def page(self, after: int = 0, limit: int = 100, cycle: str | None = None) -> list[int]:
        refs = CustomerService().list_contract_refs(
            read_cycle=cycle, started_before=END, after=AccountId(after), limit=limit
        )
        return [ref.contract_id for ref in refs]

    def test_pages_by_whole_accounts(self) -> None:
        account = an_account()
        first = [a_contract(account=account).pk for _ in range(2)]
        other = an_account()
        second = [a_contract(account=other).pk for _ in range(2)]

        assert self.page(limit=3) == first
        assert self.page(after=account.pk, limit=3) == second
        assert self.page(after=other.pk, limit=3) == []

    def test_gives_an_account_larger_than_the_page_whole(self) -> None:
        account = an_account()
        many = [a_contract(account=account).pk for _ in range(5)]
        a_contract()

        assert self.page(limit=3) == many

    def test_includes_ended_but_not_pending_cancelled_or_later_ones(self) -> None:
        ended = a_contract(status="ended", end_date=dt.date(2026, 2, 1), end_reason="switch")
        a_contract(status="pending")
        a_contract(status="cancelled")
        a_contract(start_date=END)
        last = a_contract(start_date=END - dt.timedelta(days=1))

        assert self.page() == [ended.pk, last.pk]

    def test_selects_a_read_cycle(self) -> None:
        a_contract()
        eighth = a_contract(premises=a_premises(read_cycle="08"))

        assert self.page(cycle="08") == [eighth.pk]


class TestLookUps:
    def test_finds_accounts_by_number(self) -> None:
        account = an_account(number="900001")

        found = CustomerService().find_account_ids(account_numbers=["900001", "900002"])

        assert found == {"900001": account.pk}

    def test_finds_known_esi_ids(self) -> None:
        a_premises(esi_id="10443720000000001")

        found = CustomerService().find_known_esi_ids(
            esi_ids=["10443720000000001", "10443720000000002"]
        )

        assert found == frozenset({EsiId("10443720000000001")})

    def test_lists_esi_ids_served_on_a_day(self) -> None:
        def served(number: int, **fields: Any) -> None:
            a_contract(premises=a_premises(esi_id=f"1044372000000000{number}"), **fields)

        ended = {"status": "ended", "end_reason": "move_out"}
        served(5)
        served(1, start_date=END)
        served(2, start_date=END + dt.timedelta(days=1))
        served(3, end_date=END, **ended)
        served(4, end_date=END + dt.timedelta(days=1), **ended)
        served(6, status="pending")

        found = CustomerService().list_esi_ids(read_cycle="07", served_on=END)

        assert [esi_id[-1] for esi_id, _ in found] == ["1", "4", "5"]
        assert {tdsp for _, tdsp in found} == {"ONCOR_ELEC"}
        assert CustomerService().list_esi_ids(read_cycle="08", served_on=END) == []

    def test_lists_billing_contacts_of_served_esi_ids(self) -> None:
        works = a_business(business_name="Works LLC")
        account = an_account(customer=works, number="A1", bill_to_name="Head Office")
        for number, whose, phone in [(1, None, "1"), (2, account, "2"), (3, account, "")]:
            Contact.objects.create(
                number=f"C{number}", customer=works, account=whose, role="billing",
                name=f"Nr {number}", phone=phone, email="x@example.com",
            )  # fmt: skip
        a_contract(account=account, premises=a_premises(esi_id="10443720000000001"))
        person = an_account(number="A2")
        a_contract(account=person, premises=a_premises(esi_id="10443720000000002"))
        a_contract(premises=a_premises(esi_id="10443720000000003"), start_date=END)

        day = END - dt.timedelta(days=1)
        first = CustomerService().list_billing_contacts(served_on=day, after="", limit=1)
        rest = CustomerService().list_billing_contacts(
            served_on=day, after=first[0].esi_id, limit=9
        )

        assert (first[0].company_name, first[0].contact_name) == ("Works LLC", "Nr 2")
        assert (first[0].care_of, first[0].phone, first[0].email) == (
            "Head Office", "2", "x@example.com",
        )  # fmt: skip
        assert [(c.account_number, c.first_name, c.phone) for c in rest] == [("A2", "Ada", "")]
