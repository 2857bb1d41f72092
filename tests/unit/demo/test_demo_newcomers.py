"""Who comes to the demo through the market, and who might."""

from __future__ import annotations

from ossrep.demo.catalog import read_catalog
from ossrep.demo.circle.newcomers import NEIGHBORS, make_neighbors, make_newcomers
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.writing import make_book

SMALL = DemoParameters(accounts=40, months=1)


class TestMakeNeighbors:
    def test_are_homes_of_nobody_else(self) -> None:
        catalog = read_catalog()
        neighbors = make_neighbors(parameters=SMALL, catalog=catalog)
        newcomers = make_newcomers(parameters=SMALL, catalog=catalog)

        taken = {site.esi_id for site in make_book(parameters=SMALL).sites}
        taken |= {site.esi_id for account in newcomers for site in account.sites}
        assert len({site.esi_id for site in neighbors} - taken) == NEIGHBORS
        assert len({site.meter_number for site in neighbors}) == NEIGHBORS
