"""Nothing overflows and nothing is lost: large numbers, wide sums, refusals beyond."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest

from ossrep.kernel.money import round_half_up_to_cents
from ossrep.rating import PriceSeries, UsageBlock
from ossrep.rating.exact import ExactColumn, exact_text, half_up, rounded_cents
from tests.unit.rating.build import (
    JULY,
    cents,
    compiled,
    facts,
    flat_wh,
    period,
    rated,
    registers,
)


class TestRoundedCents:
    @pytest.mark.parametrize("rate", [Fraction(7, 500), Fraction(-7, 500), Fraction(1, 2)])
    def test_agrees_with_fractions_for_every_small_value(self, rate: Fraction) -> None:
        values = np.arange(-2000, 2001, dtype=np.int64)

        rounded = rounded_cents(ExactColumn(values), rate)

        assert rounded.values.tolist() == [
            round_half_up_to_cents(int(value) * rate / 100) for value in values
        ]
        assert rounded.beyond == {}

    def test_takes_tie_away_from_zero_on_both_sides(self) -> None:
        values = np.array([1, -1, 3, -3], dtype=np.int64)

        assert rounded_cents(ExactColumn(values), Fraction(1, 2)).values.tolist() == [1, -1, 2, -2]

    def test_is_exact_where_the_product_passes_64_bits(self) -> None:
        rate = Fraction(10**17 + 1, 10**9)
        values = np.array([5, 10**13, -(10**13), 1], dtype=np.int64)

        rounded = rounded_cents(ExactColumn(values), rate)

        exact = [half_up(int(v) * rate.numerator, rate.denominator) for v in values]
        assert [rounded.at(row) for row in range(4)] == exact
        assert rounded.beyond == {1: exact[1], 2: exact[2]}

    def test_is_exact_where_only_the_doubled_denominator_passes_64_bits(self) -> None:
        rate = Fraction(3, 2**62 + 1)

        rounded = rounded_cents(ExactColumn(np.array([2**61, 1], dtype=np.int64)), rate)

        assert rounded.values.tolist() == [1, 0]

    def test_takes_up_values_beyond_64_bits(self) -> None:
        column = ExactColumn(np.zeros(2, dtype=np.int64), {1: 10**20})

        rounded = rounded_cents(column, Fraction(1, 10**9))

        assert rounded.values.tolist() == [0, 10**11]


class TestExactText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (Fraction(0), "0"),
            (Fraction(-5), "-5"),
            (Fraction(1, 8), "0.125"),
            (Fraction(-1, 40), "-0.025"),
            (Fraction(200), "200"),
            (Fraction(7, 15), "7/15"),
            (Fraction(2561525, 10**7), "0.2561525"),
        ],
    )
    def test_is_a_decimal_where_it_ends(self, value: Fraction, text: str) -> None:
        assert exact_text(value) == text


class TestLargeSites:
    def test_ten_megawatts_at_nine_dollars(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "8.99999999"})
        wh = flat_wh(JULY, 2_500_000)  # 7.2e9 Wh

        block = rated(ready, UsageBlock(period=JULY, import_wh=wh))

        assert block.import_wh.tolist() == [7_200_000_000]
        assert block.peak_w.tolist() == [10_000_000]
        assert cents(block) == [6_479_999_993]  # 64,799,999.928 dollars

    def test_sums_beyond_32_bits_beside_small_ones(self) -> None:
        top = 2**31 - 1
        nights = {
            "kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.1",
        }  # fmt: skip
        wh = flat_wh(JULY, 7, top)

        block = rated(compiled(nights), UsageBlock(period=JULY, import_wh=wh))

        assert block.import_wh.tolist() == [7 * 2880, top * 2880]
        assert block.quantity.tolist() == [
            [7 * 36 * 30, 7 * 60 * 30],
            [top * 36 * 30, top * 60 * 30],
        ]

    def test_a_market_sum_beyond_64_bits(self) -> None:
        top = 2**31 - 1
        over = period("2026-07-01", "2026-07-02")
        ready = compiled({"kind": "energy_indexed", "series": "HUB"}, over=over)
        price = np.full(96, 2_000_000_000, dtype=np.int32)  # 20,000 $/kWh
        usage = UsageBlock(period=over, import_wh=flat_wh(over, top, 1000))

        block = rated(ready, usage, prices={"HUB": PriceSeries({dt.date(2026, 7, 1): price})})

        assert top * 96 * 2_000_000_000 * 1000 > 2**63
        assert cents(block, 0) == [half_up(top * 96 * 2_000_000_000, 10**6)]
        assert cents(block, 1) == [96 * 2_000_000]

    def test_refuses_an_amount_beyond_ten_trillion_dollars(self) -> None:
        ready = compiled(
            {"kind": "energy_flat", "price_usd_per_kwh": "1000000"},
            {"kind": "base_charge_monthly", "amount_usd": "5"},
        )

        block = rated(ready, registers(10**10, 10**11 - 1, 10**13, 0))

        assert cents(block, 0) == [10**15, 500]
        assert {row: refusal.code for row, refusal in block.refusals.items()} == {
            1: "amount_too_large",
            2: "amount_too_large",
        }
        assert block.total_cents().tolist() == [10**15 + 500, 0, 0, 500]


class TestRefusedRows:
    @pytest.mark.parametrize(
        ("usage", "code"),
        [
            (registers(-1), "negative_usage"),
            (registers(10**13 + 1), "implausible_value"),
            (registers(5, export_wh=[-1]), "negative_usage"),
            (registers(5, peak_w=[10**10 + 1]), "implausible_value"),
        ],
    )
    def test_have_a_code_and_nothing_else(self, usage: UsageBlock, code: str) -> None:
        ready = compiled(
            {"kind": "base_charge_monthly", "amount_usd": "5"},
            {"kind": "energy_flat", "price_usd_per_kwh": "0.1"},
            {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.1", "bank": {}},
        )

        block = rated(ready, usage, facts(1, bank_in_cents=500))

        assert block.refusals[0].code == code
        assert not block.present.any()
        assert not block.amount_cents.any()
        assert not block.quantity.any()
        assert block.bank.out_cents.tolist() == [0]

    def test_leave_the_others_as_they_are(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})
        wh = flat_wh(JULY, *([10] * 300))
        wh[[0, 128, 299], 2879] = -(2**31)

        block = rated(ready, UsageBlock(period=JULY, import_wh=wh))

        good = np.ones(300, dtype=np.bool_)
        good[[0, 128, 299]] = False
        assert sorted(block.refusals) == [0, 128, 299]
        assert block.amount_cents[good].tolist() == [[288]] * 297

    def test_name_a_missing_export(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})
        export = flat_wh(JULY, 0)
        export[0, 95:97] = -(2**31)

        block = rated(ready, UsageBlock(period=JULY, import_wh=flat_wh(JULY, 10), export_wh=export))

        assert block.refusals[0].message == (
            "2 quarter hours of export are missing, the first at 2026-07-01 23:45 (number 95): "
            "estimate or load them"
        )


class TestEmptyBlock:
    def test_rates_to_nothing(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})
        usage = UsageBlock(period=JULY, import_wh=np.zeros((0, 2880), dtype=np.int32))

        block = rated(ready, usage)

        assert block.amount_cents.shape == (0, 1)
        assert block.refusals == {}
