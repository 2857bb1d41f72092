from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from ossrep.kernel.money import (
    TooManyDecimals,
    cents,
    dollars,
    dollars_text,
    quantize_half_up,
    round_half_up_to_cents,
    scaled_price,
)


class TestRoundHalfUpToCents:
    @pytest.mark.parametrize(
        ("amount", "whole"),
        [
            (Decimal("0.005"), 1),
            (Decimal("-0.005"), -1),
            (Decimal("0.004999999999"), 0),
            (Decimal("-0.004999999999"), 0),
            (Decimal("1.015"), 102),
            (Fraction(1, 3), 33),
            (Fraction(-2, 3), -67),
            (7, 700),
            (0, 0),
        ],
    )
    def test_takes_a_tie_away_from_zero(self, amount: Decimal | Fraction | int, whole: int) -> None:
        assert round_half_up_to_cents(amount) == whole


class TestDollars:
    @pytest.mark.parametrize(
        ("whole", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56")]
    )
    def test_has_two_places(self, whole: int, text: str) -> None:
        assert str(dollars(whole)) == text
        assert dollars_text(whole) == text


class TestCents:
    def test_is_the_inverse_of_dollars(self) -> None:
        assert cents(Decimal("1234.56")) == 123456
        assert cents(Decimal("-0.1")) == -10

    @pytest.mark.parametrize("amount", ["0.001", f"1.{'0' * 40}1", "NaN", "Infinity"])
    def test_refuses_what_is_not_whole(self, amount: str) -> None:
        with pytest.raises(TooManyDecimals):
            cents(Decimal(amount))


class TestScaledPrice:
    @pytest.mark.parametrize(
        ("price", "scaled"),
        [
            ("0.061322", 6_132_200),
            ("-0.00000001", -1),
            ("9", 900_000_000),
            ("1.100000000", 110_000_000),
        ],
    )
    def test_counts_hundred_millionths(self, price: str, scaled: int) -> None:
        assert scaled_price(Decimal(price)) == scaled

    @pytest.mark.parametrize("price", ["0.000000001", f"1.{'0' * 40}1", "NaN", "-Infinity"])
    def test_refuses_more_than_eight_decimals(self, price: str) -> None:
        with pytest.raises(TooManyDecimals):
            scaled_price(Decimal(price))


class TestQuantizeHalfUp:
    @pytest.mark.parametrize(
        ("value", "decimals", "text"),
        [
            (Fraction(1425, 100), 1, "14.3"),
            (Fraction(-1425, 100), 1, "-14.3"),
            (Fraction(14), 1, "14.0"),
            (Fraction(1, 2), 0, "1"),
            (Fraction(2, 3), 4, "0.6667"),
        ],
    )
    def test_takes_a_tie_away_from_zero(self, value: Fraction, decimals: int, text: str) -> None:
        assert str(quantize_half_up(value, decimals)) == text
