"""Earnings, what they may offset, and the credit bank."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from ossrep.rating import PriceSeries, RatedBlock, UsageBlock
from tests.unit.rating.build import (
    cents,
    compiled,
    facts,
    flat_wh,
    period,
    printed,
    rated,
    registers,
)

DAY = period("2026-07-01", "2026-07-02")
ENERGY = {"kind": "energy_flat", "price_usd_per_kwh": "0.10"}
BASE = {"kind": "base_charge_monthly", "amount_usd": "10"}


def fixed(price: str = "0.05", **fields: Any) -> dict[str, Any]:
    return {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": price, **fields}


def bank(block: RatedBlock) -> dict[str, int]:
    columns = block.bank
    assert (
        columns.in_cents + columns.earned_cents
        == columns.applied_cents + columns.used_cents + columns.out_cents + columns.lost_cents
    ).all()
    return {
        "in": int(columns.in_cents[0]),
        "earned": int(columns.earned_cents[0]),
        "applied": int(columns.applied_cents[0]),
        "used": int(columns.used_cents[0]),
        "out": int(columns.out_cents[0]),
        "lost": int(columns.lost_cents[0]),
    }


class TestCreditsAgainstEnergy:
    def test_never_take_energy_below_zero(self) -> None:
        ready = compiled(BASE, ENERGY, fixed(bank={}))

        block = rated(ready, registers(100_000, export_wh=[300_000]))

        assert cents(block) == [1000, 1000, -1000]
        assert bank(block) == {
            "in": 0, "earned": 1500, "applied": 1000, "used": 0, "out": 500, "lost": 0,
        }  # fmt: skip

    def test_use_this_month_before_the_bank(self) -> None:
        ready = compiled(ENERGY, fixed(bank={}))

        block = rated(ready, registers(100_000, export_wh=[120_000]), facts(1, bank_in_cents=700))

        assert printed(block) == [
            ("energy_flat", None, 1000),
            ("solar_credit", None, -600),
            ("solar_bank_used", None, -400),
        ]
        assert bank(block) == {
            "in": 700, "earned": 600, "applied": 600, "used": 400, "out": 300, "lost": 0,
        }  # fmt: skip

    def test_count_every_rounded_energy_line_wherever_it_stands(self) -> None:
        # 4.445 twice rounds to 4.45 twice; the second energy line comes after the buyback.
        half = {"kind": "energy_flat", "price_usd_per_kwh": "0.04445"}
        ready = compiled(half, fixed("1", bank={}), half)

        block = rated(ready, registers(100_000, export_wh=[100_000]))

        assert printed(block) == [
            ("energy_flat", None, 445),
            ("solar_credit", None, -890),
            ("energy_flat", None, 445),
        ]

    def test_offset_nothing_where_energy_comes_out_negative(self) -> None:
        ready = compiled({**ENERGY, "price_usd_per_kwh": "-0.01"}, fixed(bank={}))

        block = rated(ready, registers(100_000, export_wh=[100_000]))

        assert cents(block) == [-100, 0]
        assert bank(block)["out"] == 500

    def test_are_printed_at_zero_where_the_limit_leaves_nothing(self) -> None:
        ready = compiled(ENERGY, fixed(bank={}))

        block = rated(ready, registers(0, export_wh=[100_000]))

        assert printed(block) == [("solar_credit", None, 0)]

    def test_are_dropped_without_exports(self) -> None:
        ready = compiled(ENERGY, fixed(bank={}))

        assert cents(rated(ready, registers(100_000, export_wh=[0]))) == [1000]
        assert cents(rated(ready, registers(100_000))) == [1000]


class TestBank:
    def test_loses_what_passes_its_cap(self) -> None:
        ready = compiled(ENERGY, fixed(bank={"cap_usd": "8.00"}))

        block = rated(ready, registers(10_000, export_wh=[100_000]), facts(1, bank_in_cents=600))

        assert bank(block) == {
            "in": 600, "earned": 500, "applied": 100, "used": 0, "out": 800, "lost": 200,
        }  # fmt: skip

    def test_without_one_everything_left_is_lost(self) -> None:
        ready = compiled(ENERGY, fixed())

        block = rated(ready, registers(100_000, export_wh=[100_000]), facts(1, bank_in_cents=700))

        assert cents(block) == [1000, -500]
        assert bank(block) == {
            "in": 700, "earned": 500, "applied": 500, "used": 0, "out": 0, "lost": 700,
        }  # fmt: skip

    def test_of_a_plan_without_buyback_is_lost(self) -> None:
        block = rated(compiled(ENERGY), registers(100_000), facts(1, bank_in_cents=700))

        assert cents(block) == [1000]
        assert bank(block) == {
            "in": 700, "earned": 0, "applied": 0, "used": 0, "out": 0, "lost": 700,
        }  # fmt: skip

    def test_refuses_a_negative_balance(self) -> None:
        ready = compiled(ENERGY, fixed(bank={}))

        block = rated(ready, registers(100_000), facts(1, bank_in_cents=-1))

        assert block.refusals[0].code == "implausible_value"
        assert bank(block)["in"] == 0


class TestOffsetAll:
    def test_counts_earnings_and_bank_without_limit(self) -> None:
        ready = compiled(BASE, ENERGY, fixed(bank={}, offset="all"))

        block = rated(ready, registers(10_000, export_wh=[300_000]), facts(1, bank_in_cents=5000))

        assert cents(block) == [1000, 100, -1500, -5000]
        assert bank(block) == {
            "in": 5000, "earned": 1500, "applied": 1500, "used": 5000, "out": 0, "lost": 0,
        }  # fmt: skip


class TestNetOneToOne:
    BUYBACK = {
        "kind": "solar_buyback",
        "mode": "net_one_to_one",
        "price_usd_per_kwh": "0.10",
        "excess_price_usd_per_kwh": "0.03",
        "bank": {},
    }

    @pytest.mark.parametrize(
        ("imported", "exported", "lines"),
        [
            (100_000, 40_000, [("energy_flat", None, 2000), ("solar_credit", "matched", -400)]),
            (
                100_000,
                150_000,
                [
                    ("energy_flat", None, 2000),
                    ("solar_credit", "matched", -1000),
                    ("solar_credit", "excess", -150),
                ],
            ),
            (0, 50_000, [("solar_credit", "excess", 0)]),
        ],
    )
    def test_credits_the_matched_energy_first(
        self, imported: int, exported: int, lines: list[tuple[str, str | None, int]]
    ) -> None:
        ready = compiled({**ENERGY, "price_usd_per_kwh": "0.20"}, self.BUYBACK)

        block = rated(ready, registers(imported, export_wh=[exported]))

        assert printed(block) == lines

    def test_rounds_each_earning_as_a_line(self) -> None:
        # 1 kWh at 0.005 and 1 kWh at 0.005 are a cent each, not one together.
        ready = compiled(
            ENERGY,
            {**self.BUYBACK, "price_usd_per_kwh": "0.005", "excess_price_usd_per_kwh": "0.005"},
        )

        block = rated(ready, registers(1000, export_wh=[2000]))

        assert bank(block)["earned"] == 2


class TestRealTime:
    def block(self, price: list[int], bank_in_cents: int = 0, **terms: Any) -> RatedBlock:
        export = np.zeros((1, 96), dtype=np.int32)
        export[0, :2] = 1000
        values = np.zeros(96, dtype=np.int32)
        values[:2] = price
        buyback = {
            "kind": "solar_buyback", "mode": "real_time", "series": "LZ", "bank": {}, **terms,
        }  # fmt: skip
        usage = UsageBlock(period=DAY, import_wh=flat_wh(DAY, 1000), export_wh=export)
        return rated(
            compiled(ENERGY, buyback, over=DAY),
            usage,
            facts(1, bank_in_cents=bank_in_cents),
            {"LZ": PriceSeries({dt.date(2026, 7, 1): values})},
        )

    def test_prints_a_negative_earning_as_a_charge_and_keeps_the_limit(self) -> None:
        block = self.block([-30_000, 5_000], bank_in_cents=2000)

        # -0.30 + 0.05 is a charge of 0.25; the bank still offsets the whole 9.60 of energy.
        assert printed(block) == [
            ("energy_flat", None, 960),
            ("solar_charge", None, 25),
            ("solar_bank_used", None, -960),
        ]
        assert bank(block) == {
            "in": 2000, "earned": 0, "applied": 0, "used": 960, "out": 1040, "lost": 0,
        }  # fmt: skip

    def test_floors_price_plus_adder_in_each_quarter_hour(self) -> None:
        block = self.block([-30_000, 5_000], adder_usd_per_kwh="-0.01", floor_usd_per_kwh="0.02")

        # The floor of 0.02 stands for -0.31; the other quarter hour pays 0.04.
        assert printed(block) == [("energy_flat", None, 960), ("solar_credit", None, -6)]

    def test_rounds_a_negative_tie_away_from_zero(self) -> None:
        block = self.block([-250, -250])

        assert printed(block)[1] == ("solar_charge", None, 1)

    def test_refuses_exports_known_by_register_only(self) -> None:
        buyback = {"kind": "solar_buyback", "mode": "real_time", "series": "LZ"}
        ready = compiled(ENERGY, buyback, over=DAY)
        prices = {"LZ": PriceSeries({dt.date(2026, 7, 1): np.array([100], dtype=np.int32)})}

        block = rated(ready, registers(1000, 1000, over=DAY, export_wh=[0, 5]), prices=prices)

        assert cents(block, 0) == [10]
        assert block.refusals[1].code == "intervals_needed"
        assert block.refusals.keys() == {1}
