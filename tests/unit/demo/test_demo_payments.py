from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from ossrep.demo.book import Account
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.payments import STRANGER, find_balances, write_payments
from ossrep.demo.schedule import Month
from ossrep.demo.writing import make_book
from ossrep.infra.services import standing_in
from ossrep.kernel.identifiers import AccountId
from ossrep.published.billing import BillingService
from ossrep.published.customer import CustomerService
from tests.fakes.billing import FakeBillingService
from tests.fakes.customer import InMemoryCustomers, an_account

OCTOBER = Month(2026 * 12 + 9)
OWED = Decimal("100.01")


@pytest.fixture(scope="module")
def accounts() -> list[Account]:
    return list(make_book(parameters=DemoParameters(accounts=50)).accounts)


def write(path: Path, accounts: list[Account], owed: Decimal) -> list[dict[str, str]]:
    ids = {account.number: AccountId(int(account.number)) for account in accounts}
    customers = InMemoryCustomers(
        an_account(account_id=account_id, account_number=number)
        for number, account_id in ids.items()
    )
    billing = FakeBillingService(balances=dict.fromkeys(ids.values(), owed))
    with standing_in(CustomerService, customers), standing_in(BillingService, billing):
        assert find_balances(accounts=accounts) == dict.fromkeys(ids, owed)
        write_payments(path=path, accounts=accounts, month=OCTOBER, seed=1)
    with path.open() as file:
        return list(csv.DictReader(file))


class TestWritePayments:
    def test_pays_in_full_by_half_or_not_at_all(
        self, tmp_path: Path, accounts: list[Account]
    ) -> None:
        rows = write(tmp_path / "p.csv", accounts, OWED)

        assert {row["amount"] for row in rows} == {"100.01", "50.01"}
        assert len({row["reference"] for row in rows}) == len(rows)
        assert 35 < len(rows) < 51
        assert rows[-1]["account"] == STRANGER

    def test_pays_between_two_bills(self, tmp_path: Path, accounts: list[Account]) -> None:
        rows = write(tmp_path / "p.csv", accounts, OWED)

        assert min(row["date"] for row in rows) >= "2026-10-16"
        assert max(row["date"] for row in rows) <= "2026-11-07"

    @pytest.mark.parametrize("owed", [Decimal("0.00"), Decimal("-5.00")])
    def test_pays_nothing_where_nothing_is_owed(
        self, tmp_path: Path, accounts: list[Account], owed: Decimal
    ) -> None:
        assert write(tmp_path / "p.csv", accounts, owed) == []
