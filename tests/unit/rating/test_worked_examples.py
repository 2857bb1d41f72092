"""The line parts of worked bills, to the cent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from ossrep.rating import (
    DeliveryCharge,
    PriceSeries,
    UsageBlock,
    average_price_tenth_cents,
    with_received_delivery,
)
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

DELIVERY = {"kind": "delivery"}


def fixed_and_kwh(fixed: str, per_kwh: str, **fixed_row: Any) -> list[dict[str, Any]]:
    return [
        {"code": "FIXED", "unit": "month", "rate_usd": fixed, **fixed_row},
        {"code": "KWH", "unit": "kwh", "rate_usd": per_kwh},
    ]


class TestStackedUsageCredits:
    """Two credits that add up, thresholds included as printed."""

    @pytest.mark.parametrize(
        ("kwh", "amounts", "average_tenths"),
        [
            (999, [11568, 785, 7230], 196),
            (1000, [11580, -3500, 785, 7237], 161),
            (1250, [14475, -3500, 785, 9046], 166),
            (1999, [23148, -3500, 785, 14467], 175),
            (2000, [23160, -3500, -1500, 785, 14474], 167),
            (2350, [27213, -3500, -1500, 785, 17007], 170),
        ],
    )
    def test_pays_each_credit_from_its_threshold(
        self, kwh: int, amounts: list[int], average_tenths: int
    ) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.1158"},
            {"kind": "usage_credit", "amount_usd": "35", "from_kwh": "1000"},
            {"kind": "usage_credit", "amount_usd": "15", "from_kwh": "2000"},
            DELIVERY,
            tariff=fixed_and_kwh("7.85", "0.072370"),
        )

        block = rated(ready, registers(kwh * 1000))

        assert cents(block) == amounts
        average = average_price_tenth_cents(
            recurring_cents=block.recurring_cents(), import_wh=block.import_wh
        )
        assert average.tolist() == [average_tenths]


class TestFreeWeekends:
    """803 kWh on weekdays, 333 kWh on weekends, delivery charged on all of it."""

    def test_charges_delivery_on_the_free_energy_too(self) -> None:
        june = period("2026-06-01", "2026-07-01")
        wh = np.zeros((1, 30 * 96), dtype=np.int32)
        wh[0, 0] = 803_000  # Monday 1 June, the first quarter hour
        wh[0, 5 * 96] = 333_000  # Saturday 6 June
        ready = compiled(
            {"kind": "free_weekends", "price_usd_per_kwh": "0.144"},
            DELIVERY,
            over=june,
            tariff=fixed_and_kwh("4.23", "0.056032"),
        )

        block = rated(ready, UsageBlock(period=june, import_wh=wh))

        assert printed(block) == [
            ("free_weekends", "free", 0),
            ("free_weekends", "otherwise", 11563),
            ("delivery", "FIXED", 423),
            ("delivery", "KWH", 6365),
        ]
        assert block.total_cents().tolist() == [18351]


class TestSolarBuyback:
    """Fixed price, credits offset energy only, this month first, then the bank."""

    @pytest.mark.parametrize(
        ("imported", "exported", "bank_in", "amounts", "bank_out"),
        [
            (640, 810, 0, [995, 8640, -7290, 406, 3925], 0),
            (410, 930, 0, [995, 5535, -5535, 406, 2514], 2835),
            (980, 210, 2835, [995, 13230, -1890, -2835, 406, 6010], 0),
        ],
    )
    def test_offsets_energy_and_banks_the_rest(
        self, imported: int, exported: int, bank_in: int, amounts: list[int], bank_out: int
    ) -> None:
        ready = compiled(
            {"kind": "base_charge_monthly", "amount_usd": "9.95"},
            {"kind": "energy_flat", "price_usd_per_kwh": "0.135"},
            {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.090", "bank": {}},
            DELIVERY,
            tariff=fixed_and_kwh("4.06", "0.061322"),
        )
        usage = registers(imported * 1000, export_wh=[exported * 1000])

        block = rated(ready, usage, facts(1, bank_in_cents=bank_in))

        assert cents(block) == amounts
        assert block.bank.out_cents.tolist() == [bank_out]
        assert block.bank.lost_cents.tolist() == [0]

    def test_matches_one_to_one_up_to_the_import(self) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.135"},
            {
                "kind": "solar_buyback",
                "mode": "net_one_to_one",
                "price_usd_per_kwh": "0.135",
                "excess_price_usd_per_kwh": "0.03",
                "bank": {},
            },
        )

        block = rated(ready, registers(640_000, export_wh=[810_000]))

        assert printed(block) == [
            ("energy_flat", None, 8640),
            ("solar_credit", "matched", -8640),
            ("solar_credit", "excess", 0),
        ]
        assert block.bank.earned_cents.tolist() == [8640 + 510]
        assert block.bank.out_cents.tolist() == [510]

    def test_pays_the_real_time_price_of_each_quarter_hour(self) -> None:
        day = period("2026-07-01", "2026-07-02")
        export = np.zeros((1, 96), dtype=np.int32)
        export[0, 40:44] = [850, 1100, 950, 400]
        price = np.zeros(96, dtype=np.int32)
        price[40:44] = [2418, 3102, -375, 51260]
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.1"},
            {"kind": "solar_buyback", "mode": "real_time", "series": "LZ_NORTH"},
            over=day,
        )
        usage = UsageBlock(period=day, import_wh=flat_wh(day, 1000), export_wh=export)

        block = rated(ready, usage, prices={"LZ_NORTH": PriceSeries({dt.date(2026, 7, 1): price})})

        # 0.2561525 dollars, rounded once.
        assert printed(block) == [("energy_flat", None, 960), ("solar_credit", None, -26)]


class TestCommercialDemand:
    """18,400 kWh and 61.7 kW on a demand tariff."""

    @pytest.mark.parametrize(
        ("ratchet", "demand_cents"), [({}, 76385), ({"ratchet_percent": "80"}, 87551)]
    )
    def test_charges_the_measured_or_the_ratcheted_kw(
        self, ratchet: dict[str, str], demand_cents: int
    ) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.0725"},
            DELIVERY,
            tariff=[
                *fixed_and_kwh("22.00", "0.000743"),
                {"code": "KW", "unit": "kw", "rate_usd": "12.38", **ratchet},
            ],
        )
        usage = registers(18_400_000, peak_w=[61_700])

        block = rated(ready, usage, facts(1, prior_peak_w=88_400))

        assert cents(block) == [133400, 2200, 1367, demand_cents]


class TestProratedFirstBill:
    """14 days, 386 kWh."""

    FOURTEEN_DAYS = period("2026-07-20", "2026-08-03")
    COMPONENTS = (
        {"kind": "base_charge_monthly", "amount_usd": "9.95"},
        {"kind": "energy_flat", "price_usd_per_kwh": "0.125"},
        DELIVERY,
    )

    def test_keeps_the_fixed_delivery_charge_whole(self) -> None:
        tariff = fixed_and_kwh("4.06", "0.061322")
        ready = compiled(*self.COMPONENTS, over=self.FOURTEEN_DAYS, tariff=tariff)

        block = rated(ready, registers(386_000, over=self.FOURTEEN_DAYS))

        assert cents(block) == [464, 4825, 406, 2367]

    def test_prorates_the_fixed_delivery_charge_where_the_row_says_so(self) -> None:
        tariff = fixed_and_kwh("4.06", "0.061322", proration="days_over_30_capped")
        ready = compiled(*self.COMPONENTS, over=self.FOURTEEN_DAYS, tariff=tariff)

        block = rated(ready, registers(386_000, over=self.FOURTEEN_DAYS))

        assert cents(block) == [464, 4825, 189, 2367]
        assert block.total_cents().tolist() == [7845]

    def test_takes_the_amounts_of_the_invoice_as_received(self) -> None:
        ready = compiled(*self.COMPONENTS, over=self.FOURTEEN_DAYS, received_delivery=True)
        block = rated(ready, registers(386_000, over=self.FOURTEEN_DAYS))
        charges = [
            DeliveryCharge(code="BAS001", label="Customer charge", amount_cents=406),
            DeliveryCharge(code="DIS001", label="Delivery", amount_cents=2367),
        ]

        block = with_received_delivery(compiled=ready, block=block, charges=[charges])

        assert cents(block) == [464, 4825, 406, 2367]

    def test_bills_a_prepaid_plan_by_the_day(self) -> None:
        ready = compiled(
            {"kind": "base_charge_daily", "amount_usd_per_day": "0.85"},
            {"kind": "energy_flat", "price_usd_per_kwh": "0.109"},
            {
                "kind": "usage_credit",
                "amount_usd": "15",
                "to_kwh": "500",
                "proration": "days_over_30_capped",
            },
            DELIVERY,
            over=self.FOURTEEN_DAYS,
            tariff=fixed_and_kwh("4.23", "0.057059", proration="days_over_30_capped"),
        )

        block = rated(ready, registers(310_000, over=self.FOURTEEN_DAYS))

        assert cents(block) == [1190, 3379, -700, 197, 1769]
        assert block.total_cents().tolist() == [5835]
