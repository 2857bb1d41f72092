"""The average price that a bill prints."""

from __future__ import annotations

from fractions import Fraction

from tests.oracle.exact import round_half_up
from tests.oracle.lines import Line


def average_price_cents(lines: list[Line], import_kwh: Fraction) -> Fraction | None:
    """Rounded recurring lines / imported kWh, in cents to 0.1; None at 0 kWh."""
    if import_kwh == 0:
        return None
    recurring = sum((line.amount_usd for line in lines if line.recurring), Fraction(0))
    return round_half_up(recurring * 100 / import_kwh, 1)
