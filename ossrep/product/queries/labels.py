"""Average prices of an Electricity Facts Label, by the code that bills."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.money import quantize_half_up
from ossrep.kernel.periods import DatePeriod
from ossrep.product.queries.tariffs import get_tariffs, list_rate_classes_in_force
from ossrep.rating import (
    EFL_KWH_LEVELS,
    CustomerClass,
    Delivery,
    EflAssumptions,
    LabelPrice,
    Plan,
    TariffRow,
    efl_average_prices,
    parse_tariff_rows,
)

_DEFAULT_RATE_CLASS = "residential"
_SMALL_COMMERCIAL_KWH_LEVELS = (1500, 2500, 3500)


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One usage level: the average price computed, and the one that the plan prints, in cents."""

    kwh: int
    exact_cents: Fraction
    printed_cents: Decimal
    stored_cents: Decimal | None

    @property
    def four_decimals(self) -> Decimal:
        """The computed price to a hundredth of the printed digit, for people who compare."""
        return quantize_half_up(self.exact_cents, 4)

    @property
    def agrees(self) -> bool:
        """True where nothing is stored or both are the same as printed."""
        return self.stored_cents is None or self.stored_cents == self.printed_cents


@dataclass(frozen=True, slots=True)
class Label:
    """The average prices of a plan in one TDSP's area; ``refusal`` says why there are none.

    Stored prices are compared only in the area that the plan's own label is for.
    """

    tdsp_code: str
    rate_class: str
    label_date: dt.date
    lines: tuple[LabelLine, ...]
    refusal: str = ""

    @property
    def agrees(self) -> bool:
        """True where the label was computed and no stored price differs."""
        return not self.refusal and all(line.agrees for line in self.lines)


def compute_label(
    *,
    plan: Plan,
    tdsp_code: str,
    rate_class: str,
    label_date: dt.date,
    tariff_rows: Sequence[TariffRow] | None = None,
) -> Label:
    """The label of a plan with the delivery tariff of one TDSP and rate class on a date.

    ``tariff_rows`` None: they are looked up.
    """
    efl = plan.efl or EflAssumptions(
        bucket_shares={}, assumed_index_usd_per_kwh={}, average_prices_cents={}
    )
    dated = dataclasses.replace(plan, efl=dataclasses.replace(efl, label_date=label_date))
    is_own = efl.tdsp in (None, tdsp_code) and efl.rate_class in (None, rate_class)
    stored = efl.average_prices_cents if is_own else {}
    levels = tuple(sorted(stored)) or _levels_of(plan)
    try:
        if tariff_rows is None:
            tariff_rows = _tariff_rows(plan, tdsp_code, rate_class, label_date)
        prices = efl_average_prices(plan=dated, tariff_rows=tariff_rows, kwh_levels=levels)
    except DomainError as refusal:
        return Label(tdsp_code, rate_class, label_date, (), str(refusal))
    lines = tuple(_line(prices[kwh], stored.get(kwh)) for kwh in levels)
    return Label(tdsp_code, rate_class, label_date, lines)


def _levels_of(plan: Plan) -> Sequence[int]:
    """The usage levels of a label that prints none. Source: 16 TAC §25.475(g)."""
    is_small_business = plan.customer_class == CustomerClass.SMALL_COMMERCIAL
    return _SMALL_COMMERCIAL_KWH_LEVELS if is_small_business else EFL_KWH_LEVELS


def labels_of(
    *,
    plan: Plan,
    today: dt.date,
    tdsp_code: str | None = None,
    rate_class: str | None = None,
    label_date: dt.date | None = None,
    everywhere: bool = False,
) -> list[Label]:
    """The labels of a plan: for the TDSP given, else its own, else each one with a tariff.

    ``everywhere`` asks for each TDSP with a tariff even where the plan names its own.

    Rate class and date are those given, else the plan's own, else ``residential`` and ``today``.
    """
    efl = plan.efl
    own_class, own_date = rate_class_and_date(plan, today=today)
    date, wanted = label_date or own_date, rate_class or own_class
    tdsp = tdsp_code or (efl.tdsp if efl and not everywhere else None)
    in_force = [code for code, found in list_rate_classes_in_force(on=date) if found == wanted]
    return [
        compute_label(plan=plan, tdsp_code=code, rate_class=wanted, label_date=date)
        for code in ([tdsp] if tdsp else in_force)
    ]


@dataclass(frozen=True, slots=True)
class LabelQuestion:
    """A plan in one TDSP's area; its own rate class and date count, else residential, today."""

    plan: Plan
    tdsp_code: str


def compute_labels(*, questions: Sequence[LabelQuestion], today: dt.date) -> list[Label]:
    """One for each question; one query for all of them."""
    if not questions:
        return []
    asked = [(q, *rate_class_and_date(q.plan, today=today)) for q in questions]
    keys = {(TdspCode(question.tdsp_code), rate_class) for question, rate_class, _ in asked}
    dates = [date for _, _, date in asked]
    hull = DatePeriod(min(dates), max(dates) + dt.timedelta(days=1))
    tariffs = {
        key: parse_tariff_rows(t.rows) for key, t in get_tariffs(keys=keys, period=hull).items()
    }
    return [
        compute_label(
            plan=question.plan,
            tdsp_code=question.tdsp_code,
            rate_class=rate_class,
            label_date=date,
            tariff_rows=tariffs.get((TdspCode(question.tdsp_code), rate_class), ()),
        )
        for question, rate_class, date in asked
    ]


def rate_class_and_date(plan: Plan, *, today: dt.date) -> tuple[str, dt.date]:
    """Whose tariff a plan's label takes, and of which day: its own, else residential, today."""
    efl = plan.efl
    rate_class = efl.rate_class if efl else None
    date = efl.label_date if efl else None
    return rate_class or _DEFAULT_RATE_CLASS, date or today


def _tariff_rows(
    plan: Plan, tdsp_code: str, rate_class: str, date: dt.date
) -> tuple[TariffRow, ...]:
    if not any(isinstance(component, Delivery) for component in plan.components):
        return ()
    key = (TdspCode(tdsp_code), rate_class)
    tariff = get_tariffs(keys=[key], period=DatePeriod.of_day(date)).get(key)
    return parse_tariff_rows(tariff.rows) if tariff else ()


def _line(price: LabelPrice, stored: Decimal | None) -> LabelLine:
    return LabelLine(price.kwh, price.exact_cents, price.printed_cents, stored)
