from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

from ossrep.demo import places
from ossrep.demo.files.market_files import write_prices, write_read_calendar
from ossrep.demo.files.tax_files import write_taxes
from ossrep.demo.parameters import DemoParameters
from ossrep.infra.yaml_files import read_yaml

FALL = dt.date(2026, 11, 1)


class TestWritePrices:
    def test_has_a_price_for_each_quarter_hour_of_the_clock_change(self, tmp_path: Path) -> None:
        path = tmp_path / "prices.csv"

        assert write_prices(path=path, points=["LZ_NORTH"], dates=[FALL], seed=1) == 100

        with path.open() as file:
            rows = list(csv.DictReader(file))
        repeated = [(r["DeliveryHour"], r["DeliveryInterval"]) for r in rows if r["DSTFlag"] == "Y"]
        assert repeated == [("2", "1"), ("2", "2"), ("2", "3"), ("2", "4")]
        assert {Decimal(r["SettlementPointPrice"]).as_tuple().exponent for r in rows} == {-2}


class TestWriteReadCalendar:
    def test_gives_every_tdsp_and_cycle_rising_dates(self, tmp_path: Path) -> None:
        path = tmp_path / "reads.csv"
        write_read_calendar(path=path, schedule=DemoParameters().schedule)

        with path.open() as file:
            rows = list(csv.DictReader(file))
        mine = [r["read_date"] for r in rows if (r["tdsp"], r["read_cycle"]) == ("TNMP", "04")]
        assert mine == sorted(set(mine))
        assert len(rows) == len(places.WIRES) * 4 * len(mine)
        assert (mine[0], mine[-1]) == ("2025-07-04", "2027-02-04")


class TestWriteTaxes:
    def test_names_the_places_that_premises_name(self, tmp_path: Path) -> None:
        path = tmp_path / "taxes.yaml"
        write_taxes(path=path, towns=places.TOWNS)

        found = {place["code"]: place for place in read_yaml(path=path).data["places"]}
        assert list(found) == [town.code for town in places.TOWNS]
        assert found["parker-county"] == {"code": "parker-county", "name": "Parker County"}
        assert found["bellaire"]["local_taxes"] == [
            {
                "code": code,
                "label": label,
                "rate": "0.01",
                "residential": True,
                "from": "2015-01-01",
            }
            for code, label in (("city", "City sales tax"), ("transit", "Transit sales tax"))
        ]
