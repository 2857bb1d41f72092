"""The in-memory customers of other contexts' tests answer as the real service does."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.customer.service import CustomerService as RealCustomerService
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import CustomerService
from tests.factories.customer import a_contract, a_premises, an_account
from tests.fakes.customer import InMemoryCustomers

pytestmark = pytest.mark.django_db(databases="__all__")

END = dt.date(2026, 8, 1)
ENDED = {"status": "ended", "end_date": dt.date(2026, 5, 1), "end_reason": "move_out"}


@pytest.fixture(params=["fake", "real"])
def service(request: pytest.FixtureRequest) -> CustomerService:
    """Accounts A1 (three contracts), A2 (one, cycle 08) and A3 (one that begins at END)."""
    first = an_account(number="A1")
    for number in ("P-C", "P-A"):
        a_contract(account=first, premises=a_premises(number=number))
    a_contract(account=first, premises=a_premises(number="P-B"), **ENDED)
    second = an_account(number="A2")
    a_contract(account=second, premises=a_premises(read_cycle="08"))
    third = an_account(number="A3")
    a_contract(account=third, start_date=END)
    real: CustomerService = RealCustomerService()
    if request.param == "real":
        return real
    ids = [AccountId(account.pk) for account in (first, second, third)]
    return InMemoryCustomers(real.get_billing_accounts(account_ids=ids, period_end=END))


def ids_of(service: CustomerService) -> dict[str, AccountId]:
    return dict(service.find_account_ids(account_numbers=["A1", "A2", "A3", "A4"]))


class TestCustomerService:
    def test_finds_accounts_by_number(self, service: CustomerService) -> None:
        assert sorted(ids_of(service)) == ["A1", "A2", "A3"]

    def test_gives_accounts_in_the_order_asked_with_printed_order_inside(
        self, service: CustomerService
    ) -> None:
        ids = ids_of(service)
        asked = [ids["A2"], AccountId(10**12), ids["A1"]]

        found = service.get_billing_accounts(account_ids=asked, period_end=END)

        assert [account.account_number for account in found] == ["A2", "A1"]
        assert [contract.end_date for contract in found[1].contracts] == [
            None,
            dt.date(2026, 5, 1),
            None,
        ]

    @pytest.mark.parametrize(
        ("cycle", "limit", "expected"),
        [
            (None, 100, [["A1", "A1", "A1", "A2"]]),
            (None, 3, [["A1", "A1", "A1"], ["A2"]]),
            (None, 2, [["A1", "A1", "A1"], ["A2"]]),
            ("08", 2, [["A2"]]),
            ("99", 2, []),
        ],
    )
    def test_pages_contracts_by_whole_accounts(
        self, service: CustomerService, cycle: str | None, limit: int, expected: list[list[str]]
    ) -> None:
        numbers = {account_id: number for number, account_id in ids_of(service).items()}
        pages, after = [], AccountId(0)
        while refs := service.list_contract_refs(
            read_cycle=cycle, started_before=END, after=after, limit=limit
        ):
            pages.append([numbers[ref.account_id] for ref in refs])
            after = refs[-1].account_id

        assert pages == expected

    def test_orders_contracts_of_a_page_by_account_and_id(self, service: CustomerService) -> None:
        refs = service.list_contract_refs(
            read_cycle=None, started_before=END, after=AccountId(0), limit=100
        )

        keys = [(ref.account_id, ref.contract_id) for ref in refs]
        assert keys == sorted(keys)

    def test_lists_esi_ids_served_on_a_day(self, service: CustomerService) -> None:
        served = service.list_esi_ids(read_cycle="07", served_on=dt.date(2026, 4, 30))
        later = service.list_esi_ids(read_cycle="07", served_on=dt.date(2026, 5, 1))

        assert len(served) == 3
        assert len(later) == 2
        assert list(served) == sorted(served)
        known = service.find_known_esi_ids(esi_ids=[served[0][0], "10443720000999999"])
        assert known == frozenset({served[0][0]})

    def test_names_the_account_of_an_esi_id(self, service: CustomerService) -> None:
        served = service.list_esi_ids(read_cycle="07", served_on=dt.date(2026, 4, 30))
        wanted = [served[0][0], "10443720000999999"]

        found = service.find_account_numbers(esi_ids=wanted, served_on=dt.date(2026, 4, 30))
        none = service.find_account_numbers(esi_ids=wanted, served_on=dt.date(2000, 1, 1))

        assert list(service.find_account_ids(account_numbers=found.values())) == [
            found[served[0][0]]
        ]
        assert list(found) == [served[0][0]]
        assert none == {}
