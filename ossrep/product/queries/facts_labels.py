"""Everything an Electricity Facts Label says of a published plan in one TDSP's area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.infra import services
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.product.models import PlanVersion
from ossrep.product.queries.brands import brand_of
from ossrep.product.queries.labels import Label, compute_label, rate_class_and_date
from ossrep.product.queries.tariffs import get_tariffs
from ossrep.published.market import MarketService
from ossrep.published.product import Brand
from ossrep.rating import Delivery, Plan, TariffRow, parse_plan, parse_tariff_rows


class NoFactsLabel(DomainError):
    """There is no such plan version, or no label of it for this TDSP."""

    code = "no_facts_label"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsLabel:
    """A label: the plan as it is billed, whose tariff is passed through, the average prices."""

    brand: Brand
    plan_code: str
    version: int
    plan: Plan
    tdsp_name: str
    tariff_rows: tuple[TariffRow, ...]
    label: Label


def get_facts_label(*, plan_version_id: int, tdsp_code: str, today: dt.date) -> FactsLabel:
    """The label of a version, retired ones too; ``tdsp_code`` empty: the plan's own TDSP.

    Raises NoFactsLabel, with the reason where it cannot be computed.
    """
    row = PlanVersion.objects.filter(pk=plan_version_id).select_related("plan__brand").first()
    if row is None:
        raise NoFactsLabel("there is no such plan")
    plan = parse_plan(document=row.document)
    own = plan.efl.tdsp if plan.efl else None
    code = tdsp_code or own
    if code is None:
        raise NoFactsLabel("the plan is sold in several areas: name one with tdsp")
    if own not in (None, code):
        raise NoFactsLabel(f"the plan is not sold in the area of {code}")
    rate_class, date = rate_class_and_date(plan, today=today)
    rows = _rows_in_force(plan, TdspCode(code), rate_class, date)
    label = compute_label(
        plan=plan, tdsp_code=code, rate_class=rate_class, label_date=date, tariff_rows=rows
    )
    if label.refusal:
        raise NoFactsLabel(f"the label cannot be computed: {label.refusal}")
    return FactsLabel(
        brand=brand_of(row.plan.brand),
        plan_code=row.plan.code,
        version=row.version,
        plan=plan,
        tdsp_name=_tdsp_name(code),
        tariff_rows=tuple(rows),
        label=label,
    )


def _rows_in_force(
    plan: Plan, tdsp_code: TdspCode, rate_class: str, date: dt.date
) -> Sequence[TariffRow]:
    if not any(isinstance(component, Delivery) for component in plan.components):
        return ()
    key = (tdsp_code, rate_class)
    tariff = get_tariffs(keys=[key], period=DatePeriod.of_day(date)).get(key)
    return parse_tariff_rows(tariff.rows) if tariff else ()


def _tdsp_name(code: str) -> str:
    names = {tdsp.code: tdsp.name for tdsp in services.resolve(MarketService).list_tdsps()}
    return names.get(TdspCode(code), code)
