"""A small book of customers with all that a bill run asks other contexts for."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np

from ossrep.billing.models import TaxPlace
from ossrep.infra.services import standing_in
from ossrep.kernel.market_time import intervals_in_day
from ossrep.published.customer import BillingAccount, CustomerService
from ossrep.published.market import MarketService
from ossrep.published.meter import MeterService
from ossrep.published.product import ProductService
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.fakes.market import FakeMarketService
from tests.fakes.meter import FakeMeterService
from tests.fakes.product import FakeProductService

TOU_PLAN: dict[str, Any] = {
    "plan": "NIGHTS-12",
    "name": "Quiet Nights 12",
    "brand": "LONESTAR",
    "product_type": "fixed",
    "customer_class": "residential",
    "term_months": 12,
    "components": [
        {"kind": "base_charge_monthly", "code": "base", "amount_usd": "9.95"},
        {
            "kind": "energy_time_of_use",
            "code": "energy",
            "buckets": [
                {
                    "name": "night",
                    "label": "Energy, nights",
                    "price_usd_per_kwh": "0.05",
                    "windows": [{"from": "21:00", "to": "06:00"}],
                }
            ],
            "otherwise": {"name": "day", "label": "Energy, days", "price_usd_per_kwh": "0.16"},
        },
        {
            "kind": "usage_credit",
            "code": "bonus",
            "label": "Usage credit",
            "amount_usd": "30",
            "from_kwh": "1000",
        },
        {"kind": "delivery", "code": "tdu"},
    ],
}

FLAT_PLAN: dict[str, Any] = {
    "plan": "FLAT-12",
    "name": "Simply Flat 12",
    "brand": "LONESTAR",
    "product_type": "fixed",
    "customer_class": "residential",
    "term_months": 12,
    "components": [
        {"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": "0.125"},
        {"kind": "delivery", "code": "tdu"},
    ],
}

SOLAR_PLAN: dict[str, Any] = {
    "plan": "SOLAR-12",
    "name": "Sun Bank 12",
    "brand": "LONESTAR",
    "product_type": "fixed",
    "customer_class": "residential",
    "term_months": 12,
    "components": [
        {"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": "0.14"},
        {
            "kind": "solar_buyback",
            "code": "solar",
            "mode": "fixed",
            "price_usd_per_kwh": "0.09",
            "bank": {"cap_usd": None},
        },
        {"kind": "delivery", "code": "tdu"},
    ],
}

TARIFF = [
    {"code": "customer", "label": "TDU Delivery Charges", "unit": "month", "rate_usd": "4.23",
     "from": "2025-01-01", "to": None},
    {"code": "delivery", "label": "TDU Delivery Charges, kWh", "unit": "kwh",
     "rate_usd": "0.056032", "from": "2025-01-01", "to": None},
]  # fmt: skip

START = dt.date(2026, 6, 9)
FIRST_READ = dt.date(2026, 7, 9)
SECOND_READ = dt.date(2026, 8, 7)
READ_DATES = (START, FIRST_READ, SECOND_READ, dt.date(2026, 9, 8))


@dataclasses.dataclass
class Book:
    """The fakes of one book; ``standing_in`` puts them in the places of the real contexts."""

    customers: InMemoryCustomers
    product: FakeProductService
    meter: FakeMeterService
    market: FakeMarketService

    @contextlib.contextmanager
    def standing_in(self) -> Iterator[None]:
        with (
            standing_in(CustomerService, self.customers),
            standing_in(ProductService, self.product),
            standing_in(MeterService, self.meter),
            standing_in(MarketService, self.market),
        ):
            yield

    def add(self, account: BillingAccount) -> None:
        self.customers.accounts[account.account_id] = account

    def put_usage(
        self, *, esi_id: str, start: dt.date, end: dt.date, seed: int = 1, scale: int = 200
    ) -> None:
        """Quarter hours that differ from day to day and meter to meter, the same each time."""
        random = np.random.default_rng(seed)
        for offset in range((end - start).days):
            date = start + dt.timedelta(days=offset)
            wh = random.integers(scale // 2, 2 * scale, intervals_in_day(date), dtype=np.int32)
            self.meter.put_day(esi_id=esi_id, date=date, import_wh=wh)


def know_place(code: str) -> TaxPlace:
    """A place outside of any city, without local taxes."""
    place, _ = TaxPlace.objects.get_or_create(code=code, defaults={"name": code.title()})
    return place


def a_book(*, accounts: int = 0, usage_until: dt.date = SECOND_READ) -> Book:
    """Plans 1 (time of use), 2 (flat), 3 (solar) and so many homes on the first of them.

    The tax place of the fake contracts is known, too.
    """
    know_place("DALLAS")
    book = Book(InMemoryCustomers(), FakeProductService(), FakeMeterService(), FakeMarketService())
    brand = book.product.add_brand()
    for document in (TOU_PLAN, FLAT_PLAN, SOLAR_PLAN):
        book.product.add_plan(document=document, brand=brand)
    book.product.add_tariff(tdsp="ONCOR_ELEC", rate_class="residential", rows=TARIFF)
    book.market.add_tdsp()
    book.market.add_read_dates(tdsp="ONCOR_ELEC", read_cycle="07", dates=READ_DATES)
    for number in range(1, accounts + 1):
        contract = a_contract(contract_id=number, account_id=number, start_date=START)
        book.add(an_account(account_id=number, contracts=[contract]))
        book.put_usage(esi_id=contract.esi_id, start=START, end=usage_until, seed=number)
    return book
