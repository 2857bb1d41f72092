"""Delivery from a tariff: units, rates that change inside the period, coverage; and as received."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ossrep.rating import (
    DeliveryCharge,
    MissingTariff,
    Section,
    Tax,
    UsageBlock,
    with_received_delivery,
)
from tests.unit.rating.build import (
    JULY,
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


class TestUnits:
    def test_charge_months_days_kwh_and_kw_in_the_tariff_s_order(self) -> None:
        ready = compiled(
            DELIVERY,
            {"kind": "base_charge_monthly", "amount_usd": "1"},
            tariff=[
                {"code": "KW", "unit": "kw", "rate_usd": "2"},
                {"code": "KWH", "unit": "kwh", "rate_usd": "0.05"},
                {"code": "DAY", "unit": "day", "rate_usd": "0.10"},
                {"code": "MONTH", "unit": "month", "rate_usd": "4.06"},
                {"code": "CREDIT", "unit": "kwh", "rate_usd": "-0.001"},
            ],
        )

        block = rated(ready, registers(100_000, peak_w=[1500]))

        assert printed(block) == [
            ("base_charge_monthly", None, 100),
            ("delivery", "KW", 300),
            ("delivery", "KWH", 500),
            ("delivery", "DAY", 300),
            ("delivery", "MONTH", 406),
            ("delivery", "CREDIT", -10),
        ]
        sections = [template.section for template in block.templates]
        assert sections == [Section.RETAILER] + [Section.DELIVERY] * 5

    def test_charge_nothing_where_the_plan_has_no_delivery(self) -> None:
        ready = compiled(
            {"kind": "base_charge_monthly", "amount_usd": "1"},
            tariff=[{"code": "MONTH", "unit": "month", "rate_usd": "4.06"}],
        )

        assert cents(rated(ready, registers(100_000))) == [100]

    def test_take_the_taxes_of_the_row_or_of_the_component(self) -> None:
        ready = compiled(
            {**DELIVERY, "taxes": ["puc"]},
            tariff=[
                {"code": "A", "unit": "month", "rate_usd": "1"},
                {"code": "B", "unit": "month", "rate_usd": "1", "taxes": ["sales"]},
                {"code": "C", "unit": "month", "rate_usd": "1", "taxes": []},
            ],
        )

        assert [template.taxes for template in ready.templates] == [
            {Tax.PUC},
            {Tax.SALES},
            frozenset(),
        ]


class TestRateChangeInsideThePeriod:
    """A new rate from 11 July: 10 days of 30 at the old one."""

    def tariff(self, unit: str, old: str, new: str, **fields: Any) -> list[dict[str, Any]]:
        return [
            {"code": "X", "unit": unit, "rate_usd": old, "to": "2026-07-11", **fields},
            {"code": "X", "unit": unit, "rate_usd": new, "from": "2026-07-11", **fields},
        ]

    def test_splits_kwh_by_local_day(self) -> None:
        wh = flat_wh(JULY, 0)
        wh[0, 10 * 96 - 1] = 7000  # 10 July 23:45
        wh[0, 10 * 96] = 5000  # 11 July 00:00
        ready = compiled(DELIVERY, tariff=self.tariff("kwh", "0.05", "0.07"))

        block = rated(ready, UsageBlock(period=JULY, import_wh=wh))

        assert cents(block) == [35, 35]

    def test_splits_register_kwh_by_days(self) -> None:
        ready = compiled(DELIVERY, tariff=self.tariff("kwh", "0.05", "0.07"))

        block = rated(ready, registers(100_000))

        # 33.333... and 66.666... kWh
        assert cents(block) == [167, 467]

    def test_splits_days(self) -> None:
        ready = compiled(DELIVERY, tariff=self.tariff("day", "0.10", "0.20"))

        assert cents(rated(ready, registers(100_000))) == [100, 400]

    @pytest.mark.parametrize(
        ("proration", "over", "amounts"),
        [
            ("none", JULY, [100, 400]),
            # 12 of 15 days at the new rate, and half a month in all.
            ("days_over_30_capped", period("2026-07-08", "2026-07-23"), [30, 240]),
        ],
    )
    def test_splits_the_month_s_share_by_days(
        self, proration: str, over: Any, amounts: list[int]
    ) -> None:
        tariff = self.tariff("month", "3", "6", proration=proration)
        ready = compiled(DELIVERY, over=over, tariff=tariff)

        assert cents(rated(ready, registers(100_000, over=over))) == amounts

    def test_splits_the_period_s_kw_by_days(self) -> None:
        ready = compiled(DELIVERY, tariff=self.tariff("kw", "3", "6", ratchet_percent="80"))
        usage = registers(100_000, peak_w=[5000])

        block = rated(ready, usage, facts(1, prior_peak_w=10_000))

        # 8 kW x 3 x 10/30 and 8 kW x 6 x 20/30
        assert cents(block) == [800, 3200]

    def test_leaves_out_a_code_that_ended_before(self) -> None:
        ready = compiled(
            DELIVERY,
            tariff=[
                {"code": "OLD", "unit": "month", "rate_usd": "9", "to": "2026-07-01"},
                {"code": "NOW", "unit": "month", "rate_usd": "1"},
                {"code": "SOON", "unit": "month", "rate_usd": "9", "from": "2026-07-31"},
            ],
        )

        assert printed(rated(ready, registers(0))) == [("delivery", "NOW", 100)]


class TestCoverage:
    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([], "tariff: no tariff row is in force in 2026-07-01..2026-07-31"),
            (
                [{"code": "X", "from": "2026-07-05"}],
                "tariff: no rate of X is in force from 2026-07-01 to before 2026-07-05",
            ),
            (
                [{"code": "X", "to": "2026-07-30"}],
                "tariff: no rate of X is in force from 2026-07-30 to before 2026-07-31",
            ),
            (
                [{"code": "X", "to": "2026-07-10"}, {"code": "X", "from": "2026-07-12"}],
                "tariff: no rate of X is in force from 2026-07-10 to before 2026-07-12",
            ),
        ],
    )
    def test_names_code_and_dates_of_a_gap(self, rows: list[dict[str, str]], message: str) -> None:
        tariff = [{"unit": "month", "rate_usd": "1", **row} for row in rows]

        with pytest.raises(MissingTariff) as refused:
            compiled(DELIVERY, tariff=tariff)

        assert str(refused.value).startswith(message)

    def test_is_not_asked_for_received_amounts(self) -> None:
        ready = compiled(DELIVERY, received_delivery=True)

        assert ready.templates == ()


class TestReceivedDelivery:
    def test_keeps_the_order_of_each_row_s_own_invoice(self) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "0.1"},
            {**DELIVERY, "taxes": ["puc"]},
            received_delivery=True,
        )
        block = rated(ready, registers(1000, 2000))
        a = DeliveryCharge(code="A", label="Alpha", amount_cents=100)
        b = DeliveryCharge(code="B", label="Beta", amount_cents=-25, taxes=frozenset())
        fee = DeliveryCharge(code="F", label="Move-in", amount_cents=300, recurring=False)

        block = with_received_delivery(compiled=ready, block=block, charges=[[a, b, a], [b, fee]])

        assert [entry[1:] for entry in printed(block, 0)] == [
            (None, 10), ("A", 100), ("B", -25), ("A", 100),
        ]  # fmt: skip
        assert [entry[1:] for entry in printed(block, 1)] == [(None, 20), ("B", -25), ("F", 300)]
        assert block.recurring_cents().tolist() == [185, -5]
        taxes = {template.bucket: template.taxes for template in block.templates[1:]}
        assert taxes == {"A": {Tax.PUC}, "B": frozenset(), "F": {Tax.PUC}}

    def test_gives_a_refused_row_nothing(self) -> None:
        ready = compiled(DELIVERY, received_delivery=True)
        block = rated(ready, registers(-1))
        charge = DeliveryCharge(code="A", label="Alpha", amount_cents=100)

        block = with_received_delivery(compiled=ready, block=block, charges=[[charge]])

        assert block.total_cents().tolist() == [0]
        assert block.refusals.keys() == {0}

    def test_refuses_a_different_number_of_rows(self) -> None:
        ready = compiled(DELIVERY, received_delivery=True)

        with pytest.raises(ValueError, match="1 rows of charges for a block of 2"):
            with_received_delivery(
                compiled=ready, block=rated(ready, registers(1, 2)), charges=[[]]
            )

    def test_prints_a_zero_amount(self) -> None:
        ready = compiled(DELIVERY, received_delivery=True)
        charge = DeliveryCharge(code="A", label="Alpha", amount_cents=0)

        block = with_received_delivery(
            compiled=ready, block=rated(ready, registers(1)), charges=[[charge]]
        )

        assert printed(block) == [("delivery", "A", 0)]
        assert np.array_equal(block.quantity, [[1]])
