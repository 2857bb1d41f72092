"""Exact numbers: decimal strings in, fractions inside, rounded only where a rule says so."""

from __future__ import annotations

import re
from fractions import Fraction

PRICE_DECIMALS_MAX = 8
WH_DECIMALS_MAX = 3
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_RATIO = re.compile(r"[0-9]+/[1-9][0-9]*")


class Refusal(Exception):
    """A case that cannot be billed: why (code), where (path of the field) and what to do."""

    def __init__(self, code: str, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.code = code
        self.where = where
        self.message = message


def read_decimal(value: object, where: str, *, decimals_max: int = PRICE_DECIMALS_MAX) -> Fraction:
    """The exact value of a quoted decimal; anything else, or more decimals, is refused."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Refusal("not_a_decimal", where, f"{value!r} is not a quoted decimal number")
    decimals = len(value.partition(".")[2])
    if decimals > decimals_max:
        raise Refusal("too_many_decimals", where, f"{value} has more than {decimals_max} decimals")
    return Fraction(value)


def read_not_negative(
    value: object, where: str, *, decimals_max: int = PRICE_DECIMALS_MAX
) -> Fraction:
    """The exact value of a quoted decimal that is 0 or more."""
    number = read_decimal(value, where, decimals_max=decimals_max)
    if number < 0:
        raise Refusal("negative", where, f"{value} must not be negative")
    return number


def read_rate(value: object, where: str) -> Fraction:
    """A tax rate: a decimal fraction such as "0.0625", or a ratio such as "1/600"."""
    if isinstance(value, str) and _RATIO.fullmatch(value):
        return Fraction(value)
    return read_not_negative(value, where)


def round_half_up(value: Fraction, decimals: int) -> Fraction:
    """Round to a number of decimals; a tie goes away from zero on both sides."""
    scaled = abs(value) * 10**decimals
    whole = (scaled + Fraction(1, 2)).__floor__()
    rounded = Fraction(whole, 10**decimals)
    return rounded if value >= 0 else -rounded


def to_cents(amount: Fraction) -> Fraction:
    """Dollars rounded half-up to the cent: the one rounding of a line or a tax."""
    return round_half_up(amount, 2)


def decimal_text(value: Fraction, decimals: int) -> str:
    """A value that has at most so many decimals, written with exactly so many."""
    scaled = value * 10**decimals
    if scaled.denominator != 1:
        raise ValueError(f"{value} does not fit {decimals} decimals")
    digits = f"{abs(scaled.numerator):0{decimals + 1}d}"
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


def money_text(amount: Fraction) -> str:
    """Dollars and cents, as a bill prints them."""
    return decimal_text(amount, 2)


def exact_text(value: Fraction) -> str:
    """A finite decimal without trailing zeros, or a ratio where there is none."""
    for decimals in range(13):
        if (value * 10**decimals).denominator == 1:
            return decimal_text(value, decimals)
    return f"{value.numerator}/{value.denominator}"
