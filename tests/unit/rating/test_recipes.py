"""A line explains itself, so that a person can check it by hand."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from ossrep.rating import (
    DeliveryCharge,
    NoSuchLine,
    PriceSeries,
    UsageBlock,
    line_recipe,
    printed_price,
    printed_quantity,
    recipe_texts,
    with_received_delivery,
)
from tests.unit.rating.build import compiled, facts, flat_wh, period, rated, registers

ROUNDING = "once, half up to the cent, a tie away from zero"
TWO_WEEKS = period("2026-07-20", "2026-08-03")


class TestLineRecipe:
    def test_of_a_prorated_base_charge(self) -> None:
        ready = compiled({"kind": "base_charge_monthly", "amount_usd": "9.95"}, over=TWO_WEEKS)

        block = rated(ready, registers(0, over=TWO_WEEKS))

        assert line_recipe(block, 0, 0) == {
            "quantity": "7/15",
            "unit": "month",
            "unit_price_usd": "9.95",
            "proration": "days_over_30_capped",
            "days": 14,
            "share": "7/15",
            "exact_usd": "1393/300",
            "rounding": ROUNDING,
            "amount_usd": "4.64",
        }
        assert printed_quantity(block, 0, 0) == Fraction(7, 15)
        assert printed_price(block, 0) == Decimal("9.95")

    def test_of_a_tier(self) -> None:
        tiers = [
            {"up_to_kwh": "500", "price_usd_per_kwh": "0.10"},
            {"price_usd_per_kwh": "0.12"},
        ]
        ready = compiled({"kind": "energy_tiered", "tiers": tiers})

        recipe = line_recipe(rated(ready, registers(700_005)), 0, 1)

        assert recipe == {
            "quantity": "200.005",
            "unit": "kwh",
            "unit_price_usd": "0.12",
            "proration": "none",
            "days": 30,
            "share": "1",
            "tier": 2,
            "from_kwh": "500",
            "to_kwh": None,
            "exact_usd": "24.0006",
            "rounding": ROUNDING,
            "amount_usd": "24.00",
        }

    def test_of_a_bucket(self) -> None:
        ready = compiled(
            {
                "kind": "free_weekends",
                "price_usd_per_kwh": "0.144",
                "free_holidays": ["2026-07-31", "2026-12-25"],
            },
            over=TWO_WEEKS,
        )
        block = rated(ready, UsageBlock(period=TWO_WEEKS, import_wh=flat_wh(TWO_WEEKS, 100)))

        recipe = line_recipe(block, 0, 0)

        assert recipe["bucket"] == "free"
        assert recipe["windows"] == ["00:00-24:00 weekend/holiday"]
        assert recipe["holidays"] == ["2026-07-31"]
        assert recipe["quarter_hours"] == 5 * 96
        assert recipe["quantity"] == "48"

    def test_of_demand(self) -> None:
        ready = compiled({"kind": "demand", "price_usd_per_kw": "12.38", "ratchet_percent": "80"})

        block = rated(ready, registers(1000, peak_w=[61_700]), facts(1, prior_peak_w=88_400))

        assert line_recipe(block, 0, 0) == {
            "quantity": "70.72",
            "unit": "kw",
            "unit_price_usd": "12.38",
            "ratchet_percent": "80",
            "round_kw_decimals": None,
            "measured_kw": "61.7",
            "prior_peak_kw": "88.4",
            "billing_kw": "70.72",
            "exact_usd": "875.5136",
            "rounding": ROUNDING,
            "amount_usd": "875.51",
        }

    def test_of_an_indexed_line(self) -> None:
        day = period("2026-07-01", "2026-07-02")
        ready = compiled({"kind": "energy_indexed", "series": "HUB"}, over=day)
        prices = {"HUB": PriceSeries({dt.date(2026, 7, 1): np.array([2418], dtype=np.int32)})}

        block = rated(ready, UsageBlock(period=day, import_wh=flat_wh(day, 10)), prices=prices)

        assert line_recipe(block, 0, 0) == {
            "quantity": "0.96",
            "unit": "kwh",
            "unit_price_usd": None,
            "series": "HUB",
            "adder_usd_per_kwh": "0",
            "sum_of": "quarter-hour kWh x (price + adder)",
            "exact_usd": "0.0232128",
            "rounding": ROUNDING,
            "amount_usd": "0.02",
        }
        assert printed_price(block, 0) is None

    def test_of_a_credit_that_the_energy_limits(self) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.135"},
            {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.09", "bank": {}},
        )

        block = rated(ready, registers(410_000, export_wh=[930_000]), facts(1, bank_in_cents=5))

        assert line_recipe(block, 0, 1) == {
            "quantity": "930",
            "unit": "kwh",
            "unit_price_usd": "0.09",
            "mode": "fixed",
            "price_usd_per_kwh": "0.09",
            "offset": "energy",
            "exact_earned_usd": "83.7",
            "earned_usd": "83.70",
            "energy_lines_usd": "55.35",
            "applied_usd": "55.35",
            "rounding": ROUNDING,
            "amount_usd": "-55.35",
        }

    def test_of_the_bank(self) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.1"},
            {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.09", "bank": {}},
        )

        block = rated(ready, registers(1000), facts(1, bank_in_cents=25))

        recipe = line_recipe(block, 0, 3)
        assert (recipe["bank_in_usd"], recipe["used_usd"]) == ("0.25", "0.10")
        assert (recipe["bank_out_usd"], recipe["lost_usd"]) == ("0.15", "0.00")
        assert recipe["amount_usd"] == "-0.10"

    def test_of_a_tariff_row_that_ends_inside(self) -> None:
        rows = [
            {"code": "X", "unit": "kwh", "rate_usd": "0.05", "to": "2026-07-27"},
            {"code": "X", "unit": "kwh", "rate_usd": "0.07", "from": "2026-07-27"},
        ]
        ready = compiled({"kind": "delivery"}, over=TWO_WEEKS, tariff=rows)

        recipe = line_recipe(rated(ready, registers(1001, over=TWO_WEEKS)), 0, 0)

        assert recipe["tariff_code"] == "X"
        assert recipe["in_force"] == {"from": "2026-01-01", "to": "2026-07-27"}
        assert (recipe["days"], recipe["share_of_days"]) == (7, "0.5")
        assert (recipe["quantity"], recipe["exact_usd"]) == ("0.5005", "0.025025")

    def test_of_a_received_amount(self) -> None:
        ready = compiled({"kind": "delivery"}, received_delivery=True)
        charge = DeliveryCharge(code="BAS001", label="Customer charge", amount_cents=406)
        block = with_received_delivery(
            compiled=ready, block=rated(ready, registers(1000)), charges=[[charge]]
        )

        recipe = line_recipe(block, 0, 0)

        assert recipe["as_received"] is True
        assert (recipe["tariff_code"], recipe["amount_usd"]) == ("BAS001", "4.06")

    def test_is_json(self) -> None:
        ready = compiled(
            {"kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.2"},
            {"kind": "usage_credit", "amount_usd": "35"},
            over=TWO_WEEKS,
        )
        block = rated(ready, UsageBlock(period=TWO_WEEKS, import_wh=flat_wh(TWO_WEEKS, 100)))

        for line in range(3):
            recipe = line_recipe(block, 0, line)
            assert json.loads(json.dumps(recipe)) == recipe

    def test_is_the_same_as_text_for_every_row(self) -> None:
        ready = compiled(
            {"kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.2"},
            {"kind": "base_charge_monthly", "amount_usd": "9.95", "label": 'The "base"'},
            {"kind": "usage_credit", "amount_usd": "35", "from_kwh": "300"},
            {"kind": "demand", "price_usd_per_kw": "1.5", "ratchet_percent": "33.33"},
            {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.09", "bank": {}},
            {"kind": "delivery"},
            over=TWO_WEEKS,
            received_delivery=True,
        )
        wh = flat_wh(TWO_WEEKS, 100, 300, 7, 50)
        wh[3, 9] = -1
        usage = UsageBlock(period=TWO_WEEKS, import_wh=wh, export_wh=flat_wh(TWO_WEEKS, 0, 9, 1, 2))
        block = rated(ready, usage, facts(4, prior_peak_w=10_001, bank_in_cents=77))
        charge = DeliveryCharge(code='X"', label="X", amount_cents=406)
        block = with_received_delivery(compiled=ready, block=block, charges=[[charge]] * 4)

        for line in range(len(block.templates)):
            texts = recipe_texts(block=block, line=line)
            read = [None if text is None else json.loads(text) for text in texts]
            assert read == [
                line_recipe(block, row, line) if block.present[row, line] else None
                for row in range(4)
            ]
        assert block.present.sum(axis=0).tolist() == [3, 3, 3, 1, 3, 2, 0, 3, 3]

    def test_is_refused_for_a_line_that_is_not_printed(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})

        with pytest.raises(NoSuchLine, match="row 0 prints no line 0"):
            line_recipe(rated(ready, registers(0)), 0, 0)
