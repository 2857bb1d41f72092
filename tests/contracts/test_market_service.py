"""The fake of ``market`` answers as the real one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.market.service import MarketService as RealMarketService
from ossrep.published.market import DeliveryChargeRequest, MarketService
from tests.fakes.market import FakeMarketService

pytestmark = pytest.mark.django_db(databases="__all__")

ONCOR = TdspCode("ONCOR_ELEC")
READS = (dt.date(2026, 10, 8), dt.date(2026, 11, 9))


def _fake(folder: Path) -> MarketService:
    fake = FakeMarketService()
    fake.add_tdsp()
    fake.add_read_dates(tdsp="ONCOR_ELEC", read_cycle="07", dates=READS)
    return fake


def _real(folder: Path) -> MarketService:
    path = folder / "reads.csv"
    rows = "".join(f"ONCOR_ELEC,07,{date:%Y-%m},{date}\n" for date in READS)
    path.write_text(f"tdsp,read_cycle,month,read_date\n{rows}")
    call_command("market", "import-read-calendar", str(path))
    return RealMarketService()


@pytest.fixture(params=[_fake, _real], ids=["fake", "real"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> MarketService:
    build: Callable[[Path], MarketService] = request.param
    return build(tmp_path)


class TestMarketService:
    def test_knows_oncor(self, service: MarketService) -> None:
        oncor = {tdsp.code: tdsp for tdsp in service.list_tdsps()}[ONCOR]

        assert (oncor.name, oncor.duns) == ("Oncor Electric Delivery", "1039940674000")

    def test_gives_read_dates_of_a_half_open_span(self, service: MarketService) -> None:
        keys = [(ONCOR, "07"), (ONCOR, "08")]

        found = service.find_read_dates(keys=keys, start=READS[0], end=READS[1])

        assert found == {(ONCOR, "07"): (READS[0],), (ONCOR, "08"): ()}

    def test_answers_none_without_an_invoice_of_the_tdsp(self, service: MarketService) -> None:
        request = DeliveryChargeRequest(EsiId("10443720000000001"), *READS)

        assert list(service.get_delivery_charges(requests=[request])) == [None]
