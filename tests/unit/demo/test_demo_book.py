from __future__ import annotations

import datetime as dt

import pytest

from ossrep.demo.book import Account, BookMaker, Oddity
from ossrep.demo.catalog import Catalog, read_catalog
from ossrep.demo.parameters import DemoParameters

SCHEDULE = DemoParameters().schedule


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog()


def book(catalog: Catalog, count: int, seed: int = 1) -> list[Account]:
    return BookMaker(seed=seed, catalog=catalog, schedule=SCHEDULE).accounts(count=count)


class TestBookMaker:
    def test_makes_as_many_accounts_as_asked_with_numbers_of_their_own(
        self, catalog: Catalog
    ) -> None:
        numbers = [account.number for account in book(catalog, 500)]

        assert numbers == [f"{2_000_000 + place}" for place in range(500)]

    def test_begins_a_longer_book_like_a_shorter_one(self, catalog: Catalog) -> None:
        assert book(catalog, 300)[:60] == book(catalog, 60)

    def test_makes_another_book_for_another_seed(self, catalog: Catalog) -> None:
        assert book(catalog, 20, seed=1) != book(catalog, 20, seed=2)

    @pytest.mark.parametrize("seed", [1, DemoParameters().seed])
    def test_shows_every_kind_and_oddity_in_a_small_book(self, catalog: Catalog, seed: int) -> None:
        sites = [site for account in book(catalog, 30, seed) for site in account.sites]

        assert {site.kind for site in sites} == {"home", "solar_home", "shop", "plant"}
        assert {site.oddity for site in sites} == {None, *Oddity}

    def test_never_lets_two_contracts_of_a_premises_share_a_day(self, catalog: Catalog) -> None:
        ends: dict[str, dt.date | None] = {}
        for account in book(catalog, 1_000):
            for contract in account.contracts:
                esi_id = contract.site.esi_id
                if esi_id in ends:
                    assert ends[esi_id] == contract.start
                ends[esi_id] = contract.end

        assert len({len(esi_id) for esi_id in ends}) == 2

    def test_sells_market_prices_only_in_their_zone(self, catalog: Catalog) -> None:
        zones = {
            contract.site.wires.load_zone
            for account in book(catalog, 1_000)
            for contract in account.contracts
            if contract.plan.code == "PL-INDEX"
        }

        assert zones == {"LZ_NORTH"}

    def test_sells_every_plan(self, catalog: Catalog) -> None:
        sold = {c.plan.code for account in book(catalog, 200) for c in account.contracts}

        assert sold == {plan.code for plan in catalog.plans}
        assert len(sold) == 8
