"""Components in words, prices in a picture."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ossrep.product.domain.plan_words import describe_plan, dollars_text
from ossrep.product.domain.price_batch import MISSING
from ossrep.product.domain.price_chart import price_day_svg
from ossrep.rating import parse_plan


def _words(**component: Any) -> tuple[str, ...]:
    plan = parse_plan(
        document={
            "plan": "P",
            "name": "p",
            "brand": "B",
            "product_type": "fixed",
            "customer_class": "residential",
            "term_months": 0,
            "components": [{"code": "c", **component}],
        }
    )
    (words,) = describe_plan(plan)
    return words.lines


class TestDollarsText:
    @pytest.mark.parametrize(
        ("amount", "text"),
        [
            ("4.9", "$4.90"),
            ("0.1119", "$0.1119"),
            ("-25", "-$25.00"),
            ("100", "$100.00"),
            ("0", "$0.00"),
        ],
    )
    def test_loses_no_digit(self, amount: str, text: str) -> None:
        assert dollars_text(Decimal(amount)) == text


class TestDescribePlan:
    @pytest.mark.parametrize(
        ("component", "lines"),
        [
            (
                {"kind": "base_charge_monthly", "amount_usd": "9.95", "proration": "none"},
                ("$9.95 a month",),
            ),
            ({"kind": "base_charge_daily", "amount_usd_per_day": "0.5"}, ("$0.50 a day",)),
            (
                {"kind": "energy_flat", "price_usd_per_kwh": "0.12", "taxes": ["puc"]},
                ("$0.12 per kWh", "taxes that reach it: puc"),
            ),
            (
                {
                    "kind": "energy_tiered",
                    "tiers": [
                        {"up_to_kwh": "1000", "price_usd_per_kwh": "0.10"},
                        {"price_usd_per_kwh": "0.09"},
                    ],
                },
                ("$0.10 per kWh from 0 to 1000 kWh", "$0.09 per kWh above 1000 kWh"),
            ),
            (
                {
                    "kind": "free_nights",
                    "from": "21:00",
                    "to": "06:00",
                    "price_usd_per_kwh": "0.18",
                },
                (
                    "free: $0.00 per kWh, 21:00-06:00 weekday/weekend/holiday",
                    "otherwise: $0.18 per kWh, all other hours",
                ),
            ),
            (
                {"kind": "energy_indexed", "series": "ERCOT:LZ_WEST", "adder_usd_per_kwh": "0.02"},
                ("price of ERCOT:LZ_WEST in each interval plus $0.02 per kWh",),
            ),
            (
                {"kind": "usage_credit", "amount_usd": "50", "from_kwh": "1000"},
                ("credit of $50.00 from 1000 kWh",),
            ),
            (
                {
                    "kind": "usage_fee",
                    "amount_usd": "8",
                    "from_kwh": "10",
                    "include_from": False,
                    "to_kwh": "1999",
                    "include_to": False,
                },
                ("fee of $8.00 above 10 below 1999 kWh",),
            ),
            (
                {"kind": "usage_fee", "amount_usd": "8", "to_kwh": "1999"},
                ("fee of $8.00 up to 1999 kWh",),
            ),
            (
                {"kind": "minimum_usage_fee", "amount_usd": "9.95", "below_kwh": "800"},
                ("fee of $9.95 below 800 kWh",),
            ),
            (
                {"kind": "demand", "price_usd_per_kw": "2.5", "ratchet_percent": "80"},
                ("$2.50 per kW, highest quarter hour x 4, at least 80 % of the 11 months before",),
            ),
            (
                {"kind": "one_off", "amount_usd": "-25", "on": "final_bill"},
                ("-$25.00 once, on the final bill",),
            ),
            (
                {
                    "kind": "solar_buyback",
                    "mode": "real_time",
                    "series": "ERCOT:LZ_WEST",
                    "floor_usd_per_kwh": "0",
                    "offset": "all",
                    "bank": {"cap_usd": "100"},
                },
                (
                    "pays the price of ERCOT:LZ_WEST in each interval plus $0.00 per kWh",
                    "never below $0.00 per kWh",
                    "offsets the whole bill",
                    "what is left over is banked up to $100.00",
                ),
            ),
            ({"kind": "delivery"}, ("the TDSP's charges, passed through",)),
        ],
    )
    def test_says_what_a_component_costs(
        self, component: dict[str, Any], lines: tuple[str, ...]
    ) -> None:
        assert _words(**component) == lines


class TestPriceDaySvg:
    def test_draws_a_step_for_each_price_and_a_gap_for_none(self) -> None:
        prices = np.full(96, MISSING, dtype=np.int32)
        prices[0], prices[1], prices[40] = 1000, -500, 2000

        svg = price_day_svg(date=dt.date(2026, 7, 30), prices=prices)

        path = svg.split('<path d="')[1].split('"')[0]
        assert path == ("M64.0 93.2 L70.7 93.2 L70.7 194.0 L77.4 194.0 M332.3 26.0 L339.0 26.0")
        assert ">20.00<" in svg
        assert ">-5.00<" in svg

    @pytest.mark.parametrize(
        ("date", "hours"),
        [("2026-03-08", "00 03 06 09 12 15 18 21"), ("2026-11-01", "00 03 06 09 12 15 18 21")],
    )
    def test_names_the_local_hours_of_change_days(self, date: str, hours: str) -> None:
        day = dt.date.fromisoformat(date)
        count = 92 if day.month == 3 else 100

        svg = price_day_svg(date=day, prices=np.full(count, 100, dtype=np.int32))

        assert [f"{h}:00" in svg for h in hours.split()] == [True] * 8

    def test_draws_nothing_without_prices(self) -> None:
        empty = np.full(96, MISSING, dtype=np.int32)

        assert price_day_svg(date=dt.date(2026, 7, 30), prices=empty) == ""
