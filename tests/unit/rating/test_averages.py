"""Average prices: on a bill, and on a label with its assumptions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ossrep.rating import (
    NO_AVERAGE_PRICE,
    AveragePriceTooLarge,
    LabelNotComputable,
    LabelPrice,
    MissingTariff,
    average_price_tenth_cents,
    efl_average_prices,
    parse_tariff_rows,
)
from tests.unit.rating.build import plan, row

FLAT = {"kind": "energy_flat", "price_usd_per_kwh": "0.1"}


class TestAveragePriceTenthCents:
    @pytest.mark.parametrize(
        ("cents", "wh", "tenths"),
        [
            (18351, 1_136_000, 162),
            (8062, 386_000, 209),
            (213352, 18_400_000, 116),
            (5, 200_000, 0),
            (1, 20_000, 1),
            (-1, 20_000, -1),
            (-1, 20_001, 0),
            (100, 0, NO_AVERAGE_PRICE),
            (10**17, 3000, 333_333_333_333_333_333),
        ],
    )
    def test_rounds_half_up_to_a_tenth_of_a_cent(self, cents: int, wh: int, tenths: int) -> None:
        average = average_price_tenth_cents(
            recurring_cents=np.array([cents], dtype=np.int64),
            import_wh=np.array([wh], dtype=np.int64),
        )

        assert average.tolist() == [tenths]

    def test_refuses_what_64_bits_do_not_hold(self) -> None:
        with pytest.raises(AveragePriceTooLarge):
            average_price_tenth_cents(
                recurring_cents=np.array([10**16], dtype=np.int64),
                import_wh=np.array([3], dtype=np.int64),
            )

    def test_takes_an_empty_column(self) -> None:
        nothing = np.zeros(0, dtype=np.int64)

        average = average_price_tenth_cents(recurring_cents=nothing, import_wh=nothing)

        assert average.tolist() == []


def average(kwh: int, *components: dict[str, Any], tariff: Any = (), **arguments: Any) -> Fraction:
    efl = arguments.pop("efl", {"label_date": "2026-07-01"})
    prices = efl_average_prices(
        plan=plan(*components, efl=efl),
        tariff_rows=parse_tariff_rows(tariff),
        kwh_levels=[kwh],
        **arguments,
    )
    return prices[kwh].exact_cents


class TestEflAveragePrices:
    def test_rounds_the_exact_sum_once(self) -> None:
        prices = efl_average_prices(
            plan=plan(FLAT, {"kind": "base_charge_monthly", "amount_usd": "4.995"}),
            tariff_rows=(),
        )

        assert prices == {
            500: LabelPrice(500, Fraction("10.999"), Decimal("11.0")),
            1000: LabelPrice(1000, Fraction("10.4995"), Decimal("10.5")),
            2000: LabelPrice(2000, Fraction("10.24975"), Decimal("10.2")),
        }

    @pytest.mark.parametrize(
        "proration", ["none", "days_over_30_capped", "days_over_30", "calendar_month"]
    )
    def test_is_a_month_of_thirty_days_whatever_the_proration(self, proration: str) -> None:
        base = {"kind": "base_charge_monthly", "amount_usd": "10", "proration": proration}
        daily = {"kind": "base_charge_daily", "amount_usd_per_day": "0.5"}

        assert average(1000, base, daily) == Fraction(5, 2)

    def test_leaves_one_offs_and_buyback_out(self) -> None:
        one_off = {"kind": "one_off", "amount_usd": "100"}
        buyback = {"kind": "solar_buyback", "mode": "real_time", "series": "LZ", "bank": {}}

        assert average(1000, FLAT, one_off, buyback) == 10

    def test_fills_tiers(self) -> None:
        tiers = [
            {"up_to_kwh": "600", "price_usd_per_kwh": "0.10"},
            {"price_usd_per_kwh": "0.15"},
        ]

        assert average(1000, {"kind": "energy_tiered", "tiers": tiers}) == 12

    def test_weighs_buckets_by_the_printed_shares(self) -> None:
        nights = {
            "kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.2",
        }  # fmt: skip
        shares = {"c0": {"free": "0.35", "otherwise": "0.65"}}

        assert average(1000, nights, efl={"bucket_shares": shares}) == 13

    def test_adds_the_adder_to_the_assumed_index(self) -> None:
        indexed = {"kind": "energy_indexed", "series": "HUB", "adder_usd_per_kwh": "0.01"}

        efl = {"assumed_index_usd_per_kwh": {"HUB": "0.04"}}
        assert average(1000, indexed, efl=efl) == 5

    def test_takes_demand_from_the_load_factor_without_ratchet(self) -> None:
        demand = {"kind": "demand", "price_usd_per_kw": "9", "ratchet_percent": "80"}

        # 1080 / (720 x 0.3) = 5 kW, 45 dollars
        assert average(1080, demand, efl={"assumed_load_factor": "0.3"}) == Fraction(4500, 1080)

    def test_takes_delivery_in_force_on_the_label_s_date(self) -> None:
        tariff = [
            row(code="A", unit="kwh", rate_usd="0.05", to="2026-07-01"),
            row(code="A", unit="kwh", rate_usd="0.06", **{"from": "2026-07-01"}),
            row(code="B", unit="month", rate_usd="99", to="2026-03-01"),
        ]

        assert average(1000, FLAT, {"kind": "delivery"}, tariff=tariff) == 16

    def test_adds_the_assessment_on_lines_it_reaches_where_asked(self) -> None:
        untaxed = {**FLAT, "taxes": ["sales"]}
        flagged = {"includes_puc_assessment": True}

        assert average(1000, FLAT, untaxed) == 20
        assert average(1000, FLAT, untaxed, efl=flagged) == 20 + Fraction(10, 600)
        assert average(1000, FLAT, untaxed, includes_puc_assessment=True) == 20 + Fraction(1, 60)
        assert average(1000, FLAT, untaxed, efl=flagged, includes_puc_assessment=False) == 20

    @pytest.mark.parametrize(
        ("component", "efl", "where"),
        [
            (
                {"kind": "energy_indexed", "series": "HUB"},
                {},
                "efl.assumed_index_usd_per_kwh.HUB",
            ),
            ({"kind": "demand", "price_usd_per_kw": "9"}, {}, "efl.assumed_load_factor"),
            ({"kind": "free_weekends", "price_usd_per_kwh": "1"}, {}, "efl.bucket_shares.c0"),
            ({"kind": "delivery"}, None, "efl.label_date"),
        ],
    )
    def test_says_which_assumption_is_missing(
        self, component: dict[str, Any], efl: dict[str, Any] | None, where: str
    ) -> None:
        with pytest.raises(LabelNotComputable) as refused:
            average(1000, component, efl=efl)

        assert refused.value.where == where

    def test_refuses_a_date_without_tariff(self) -> None:
        tariff = [row(code="A", unit="kwh", rate_usd="0.05", to="2026-07-01")]

        with pytest.raises(MissingTariff, match="no tariff row is in force on the label's date"):
            average(1000, {"kind": "delivery"}, tariff=tariff)
