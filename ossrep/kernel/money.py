"""Exact money: rounding half-up to the cent, scaled integers for the batch paths.

Prices are scaled by 10**8 (dollars), quantities are integer Wh; their product has the scale
``WH_PRICE_SCALE`` per dollar. No float ever touches money.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from ossrep.kernel.errors import DomainError

CENT = Decimal("0.01")
PRICE_DECIMALS = 8
PRICE_SCALE: int = 10**PRICE_DECIMALS
WH_PER_KWH = 1000
WH_PRICE_SCALE = PRICE_SCALE * WH_PER_KWH
"""Wh x scaled price divided by this is dollars."""


class TooManyDecimals(DomainError):
    """A price with more than eight decimals, or a number that is not finite."""

    code = "too_many_decimals"


def round_half_up_to_cents(amount: Fraction | Decimal | int) -> int:
    """Whole cents of an exact dollar amount; a tie goes away from zero, on both sides.

    Source: half-up once per line, so that a reversal is the exact negative.
    """
    exact = Fraction(amount) * 100
    magnitude = abs(exact)
    cents = (2 * magnitude.numerator + magnitude.denominator) // (2 * magnitude.denominator)
    return cents if exact >= 0 else -cents


def dollars(cents: int) -> Decimal:
    """A Decimal with two places from whole cents."""
    return Decimal(cents).scaleb(-2).quantize(CENT)


def dollars_text(cents: int) -> str:
    """``str(dollars(cents))``, without a Decimal: for the batch paths."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def cents(amount: Decimal) -> int:
    """Whole cents of a Decimal that has no more than two places."""
    if not amount.is_finite():
        raise TooManyDecimals(f"{amount} is not a finite number")
    scaled = Fraction(amount) * 100
    if scaled.denominator != 1:
        raise TooManyDecimals(f"{amount} is not a whole number of cents")
    return scaled.numerator


def scaled_price(price: Decimal) -> int:
    """A dollar price as an integer of 10**-8 dollars; more decimals are refused."""
    if not price.is_finite():
        raise TooManyDecimals(f"{price} is not a finite number")
    # A Decimal's own arithmetic rounds to the digits of its context; a fraction never does.
    scaled = Fraction(price) * PRICE_SCALE
    if scaled.denominator != 1:
        raise TooManyDecimals(f"{price} has more than {PRICE_DECIMALS} decimals")
    return scaled.numerator


def quantize_half_up(value: Fraction, decimals: int) -> Decimal:
    """An exact value rounded half-up (ties away from zero) to ``decimals`` places."""
    scale: int = 10**decimals
    magnitude = abs(value) * scale
    whole = (2 * magnitude.numerator + magnitude.denominator) // (2 * magnitude.denominator)
    signed = whole if value >= 0 else -whole
    return Decimal(signed).scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
