"""The share of a monthly amount that a period pays."""

from __future__ import annotations

import calendar
from fractions import Fraction

from ossrep.kernel.periods import DatePeriod
from ossrep.rating.plan import Proration

_MONTH_DAYS = 30


def period_share(proration: Proration, period: DatePeriod) -> Fraction:
    """The exact share: 1, min(days, 30)/30, days/30, or 1/(days of its month) for each day."""
    if proration is Proration.NONE:
        return Fraction(1)
    if proration is Proration.DAYS_OVER_30_CAPPED:
        return Fraction(min(period.days, _MONTH_DAYS), _MONTH_DAYS)
    if proration is Proration.DAYS_OVER_30:
        return Fraction(period.days, _MONTH_DAYS)
    return sum(
        (Fraction(1, calendar.monthrange(d.year, d.month)[1]) for d in period.dates()),
        Fraction(0),
    )
