"""Tariff rows: what is read, and every problem with its path."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from ossrep.rating import (
    DemandRule,
    InvalidTariff,
    Proration,
    TariffRow,
    Tax,
    Unit,
    parse_tariff_rows,
)

ROW = {"code": "A", "label": "Alpha", "unit": "month", "rate_usd": "1", "from": "2026-01-01"}


class TestParseTariffRows:
    def test_reads_a_row_in_full(self) -> None:
        rows = parse_tariff_rows(
            [
                {**ROW, "to": dt.date(2026, 7, 1), "proration": "days_over_30", "taxes": ["puc"]},
                {
                    "code": "KW",
                    "unit": "kw",
                    "rate_usd": "-2.5",
                    "from": "2026-01-01",
                    "to": None,
                    "proration": "none",
                    "ratchet_percent": "80",
                    "round_kw_decimals": 1,
                },
            ]
        )

        assert rows == (
            TariffRow(
                code="A",
                label="Alpha",
                unit=Unit.MONTH,
                rate_usd=Decimal(1),
                from_date=dt.date(2026, 1, 1),
                to_date=dt.date(2026, 7, 1),
                proration=Proration.DAYS_OVER_30,
                taxes=frozenset({Tax.PUC}),
            ),
            TariffRow(
                code="KW",
                label="KW",
                unit=Unit.KW,
                rate_usd=Decimal("-2.5"),
                from_date=dt.date(2026, 1, 1),
                demand=DemandRule(Decimal(80), 1),
            ),
        )

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"unit": "each"}, "unit"),
            ({"unit": "mwh"}, "unit"),
            ({"rate_usd": 1.5}, "rate_usd"),
            ({"from": None}, "from"),
            ({"to": "2026-01-01"}, "to"),
            ({"unit": "kwh", "proration": "days_over_30"}, "proration"),
            ({"ratchet_percent": "80"}, "ratchet_percent"),
            ({"round_kw_decimals": 1}, "round_kw_decimals"),
            ({"taxes": ["vat"]}, "taxes[0]"),
            ({"price": "1"}, "price"),
        ],
    )
    def test_names_the_field(self, fields: dict[str, Any], path: str) -> None:
        with pytest.raises(InvalidTariff) as refused:
            parse_tariff_rows([ROW, {**ROW, "code": "B", **fields}])

        assert [path for path, _ in refused.value.problems] == [f"rows[1].{path}"]

    def test_refuses_two_rates_of_a_code_on_one_day(self) -> None:
        with pytest.raises(InvalidTariff) as refused:
            parse_tariff_rows(
                [{**ROW, "from": "2026-03-01"}, {**ROW, "code": "B"}, {**ROW, "to": "2026-03-02"}]
            )

        assert refused.value.problems == (
            (
                "rows[0].from",
                "A is in force on 2026-03-01 by rows[2], too: end that one first",
            ),
        )
