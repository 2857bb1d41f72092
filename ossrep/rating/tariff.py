"""Dated rows of a TDSP's delivery tariff, and the rows that a period needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.kernel.errors import DomainError
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.lines import Unit
from ossrep.rating.plan import MEASURED_DEMAND, DemandRule, Proration, Tax


class MissingTariff(DomainError):
    """A tariff that does not cover the whole period; the message names code and dates."""

    code = "missing_tariff"


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffRow:
    """One charge of a tariff, in force on local dates ``[from_date, to_date)``.

    ``unit`` is month, day, kwh or kw. ``taxes`` None takes those of the plan's ``delivery``
    component.
    """

    code: str
    label: str
    unit: Unit
    rate_usd: Decimal
    from_date: dt.date
    to_date: dt.date | None = None
    proration: Proration = Proration.NONE
    demand: DemandRule = MEASURED_DEMAND
    taxes: frozenset[Tax] | None = None

    def span_in(self, period: DatePeriod) -> DatePeriod | None:
        """The days of the period on which the row is in force; None where there are none."""
        first = max(self.from_date, period.start)
        end = period.end if self.to_date is None else min(self.to_date, period.end)
        return DatePeriod(first, end) if first < end else None


def rows_in_force(
    *, tariff_rows: Sequence[TariffRow], period: DatePeriod
) -> tuple[tuple[TariffRow, DatePeriod], ...]:
    """The rows of a period with the days of each, in the order given.

    A code without a row in the period has ended or not begun and is left out; a code with some
    must cover every day once. Raises MissingTariff.
    """
    spans = [(row, row.span_in(period)) for row in tariff_rows]
    found = tuple((row, span) for row, span in spans if span is not None)
    if not found:
        raise MissingTariff(
            f"no tariff row is in force in {period}: load the tariff of these days",
            where="tariff",
        )
    for code in dict.fromkeys(row.code for row, _ in found):
        _check_cover(code, sorted(span for row, span in found if row.code == code), period)
    return found


def _check_cover(code: str, spans: Sequence[DatePeriod], period: DatePeriod) -> None:
    reached = period.start
    for span in spans:
        if span.start > reached:
            raise _gap(code, reached, span.start)
        if span.start < reached:
            raise MissingTariff(
                f"two rates of {code} are in force on {span.start}: end the earlier one",
                where="tariff",
            )
        reached = span.end
    if reached < period.end:
        raise _gap(code, reached, period.end)


def _gap(code: str, first: dt.date, end: dt.date) -> MissingTariff:
    return MissingTariff(
        f"no rate of {code} is in force from {first} to before {end}: load a row for these days",
        where="tariff",
    )
