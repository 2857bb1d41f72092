"""Columns of exact integers and their one rounding to cents; 64 bits where safe, else Python's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ExactColumn:
    """Exact integers of ``n`` rows: int64 ``(n,)``, and by row those that 64 bits do not hold."""

    values: NDArray[np.int64]
    beyond: Mapping[int, int] = field(default_factory=dict)

    def at(self, row: int) -> int:
        """The exact integer of one row."""
        return self.beyond.get(row) if row in self.beyond else int(self.values[row])  # type: ignore[return-value]


def half_up(numerator: int, denominator: int) -> int:
    """The nearest integer of a quotient; a tie goes away from zero. ``denominator`` above 0."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def rounded_cents(column: ExactColumn, cents_per_unit: Fraction) -> ExactColumn:
    """``column x cents_per_unit`` of each row in whole cents, half-up, ties away from zero.

    Rows whose product could pass 64 bits are computed with Python's integers; a result that
    64 bits do not hold stays in ``beyond``.
    """
    numerator, denominator = cents_per_unit.numerator, cents_per_unit.denominator
    values = column.values
    if numerator == 0 or values.size == 0:
        return ExactColumn(np.zeros_like(values))
    twice = 2 * abs(numerator)
    safe = (INT64_MAX - denominator) // twice if 2 * denominator <= INT64_MAX else -1
    magnitude = np.abs(values)
    if int(magnitude.max()) <= safe and not column.beyond:
        return ExactColumn(_rounded(values, magnitude, numerator, denominator))
    risky = set(np.flatnonzero(magnitude > safe).tolist()) | set(column.beyond)
    exact = {row: half_up(column.at(row) * numerator, denominator) for row in risky}
    tame = magnitude.copy()
    tame[list(risky)] = 0
    cents = _rounded(values, tame, numerator, denominator) if safe >= 0 else np.zeros_like(values)
    beyond = {row: value for row, value in exact.items() if abs(value) > INT64_MAX}
    for row in exact.keys() - beyond.keys():
        cents[row] = exact[row]
    return ExactColumn(cents, beyond)


def _rounded(
    values: NDArray[np.int64], magnitude: NDArray[np.int64], numerator: int, denominator: int
) -> NDArray[np.int64]:
    cents = (magnitude * (2 * abs(numerator)) + denominator) // (2 * denominator)
    negative = values < 0 if numerator > 0 else values > 0
    if negative.any():
        np.negative(cents, out=cents, where=negative)
    return cents


@dataclass(frozen=True, slots=True)
class Scale:
    """What one unit of a column is worth, ready to print many of its values quickly."""

    worth: Fraction
    multiplier: int
    places: int | None

    @classmethod
    def of(cls, worth: Fraction) -> Scale:
        """``places`` is None where the worth does not end as a decimal."""
        rest, places = worth.denominator, 0
        for prime in (2, 5):
            power = 0
            while rest % prime == 0:
                rest //= prime
                power += 1
            places = max(places, power)
        if rest != 1:
            return cls(worth, 0, None)
        return cls(worth, worth.numerator * 10**places // worth.denominator, places)

    def text(self, value: int) -> str:
        """``value x worth``: a plain decimal where it ends, else ``numerator/denominator``."""
        if self.places is None:
            # The value may have cancelled what did not end.
            exact = value * self.worth
            scale = Scale.of(exact)
            return str(exact) if scale.places is None else scale.text(1)
        digits = value * self.multiplier
        if self.places == 0:
            return str(digits)
        sign = "-" if digits < 0 else ""
        text = str(abs(digits)).rjust(self.places + 1, "0")
        fraction = text[-self.places :].rstrip("0")
        whole = sign + text[: -self.places]
        return f"{whole}.{fraction}" if fraction else whole


def exact_text(value: Fraction) -> str:
    """A plain decimal where it ends, else ``numerator/denominator``."""
    return Scale.of(value).text(1)


def price_text(price_e8: int) -> str:
    """A price in dollars from 10**-8 dollars, without trailing zeros."""
    return exact_text(Fraction(price_e8, 10**8))


def money_text(cents: int) -> str:
    """Dollars with two places."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
