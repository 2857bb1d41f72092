"""A customer book and a read calendar for tests of windows: one cycle, two read dates."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

from ossrep.infra import services
from ossrep.meter.queries.service_windows import ServiceWindow, list_service_windows
from ossrep.published.customer import CustomerService
from ossrep.published.market import MarketService
from tests.factories.interval_files import esi_id
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.fakes.market import FakeMarketService

START, END = dt.date(2026, 2, 10), dt.date(2026, 3, 12)
AS_OF = dt.date(2026, 3, 13)


@contextlib.contextmanager
def a_book(
    *,
    points: int = 3,
    starts: dict[int, dt.date] | None = None,
    ends: dict[int, dt.date] | None = None,
    read_dates: tuple[dt.date, ...] = (dt.date(2026, 1, 12), START, END, dt.date(2026, 4, 10)),
) -> Iterator[None]:
    """Contracts 1..points of cycle 07 with the invented ESI IDs of the same numbers."""
    contracts = [
        a_contract(
            contract_id=i,
            account_id=i,
            esi_id=esi_id(i),
            start_date=(starts or {}).get(i, dt.date(2025, 1, 1)),
            end_date=(ends or {}).get(i),
        )
        for i in range(1, points + 1)
    ]
    accounts = [an_account(account_id=c.account_id, contracts=[c]) for c in contracts]
    market = FakeMarketService()
    market.add_read_dates(tdsp="ONCOR_ELEC", read_cycle="07", dates=read_dates)
    with (
        services.standing_in(CustomerService, InMemoryCustomers(accounts)),
        services.standing_in(MarketService, market),
    ):
        yield


def the_windows() -> list[ServiceWindow]:
    """What the next bill of cycle 07 needs."""
    return list_service_windows(read_cycle="07", as_of=AS_OF)
