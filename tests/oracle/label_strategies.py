"""Strategies of Electricity Facts Labels: a plan with what its label assumes, and a tariff."""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import strategies as st

from tests.oracle.documents import Document
from tests.oracle.exact import decimal_text, read_decimal
from tests.oracle.market_days import Period
from tests.oracle.number_strategies import decimals
from tests.oracle.plan_strategies import DAILY_SERIES, QUARTER_HOUR_SERIES, plans
from tests.oracle.plans import Component, read_plan
from tests.oracle.site_strategies import tariffs

Draw = st.DrawFn
LABEL_PERIOD = Period(dt.date(2026, 6, 1), dt.date(2026, 7, 1))


@st.composite
def labels(draw: Draw) -> tuple[Document, Document | None]:
    """A plan whose label can be computed, and the tariff for it where delivery is passed on."""
    delivery = draw(st.booleans())
    plan = draw(plans(period=LABEL_PERIOD, registers=False, delivery=delivery))
    plan["efl"] = {
        "tdsp": "ONCOR_ELEC",
        "rate_class": "residential",
        "label_date": str(draw(st.dates(LABEL_PERIOD.start, dt.date(2026, 6, 30)))),
        "includes_puc_assessment": draw(st.booleans()),
        "bucket_shares": {
            component.code: draw(_shares(component))
            for component in read_plan(plan, "plan").components
            if "calendar" in component.terms
        },
        "assumed_index_usd_per_kwh": {
            name: draw(decimals(-1_000_000, 20_000_000, 8))
            for name in (QUARTER_HOUR_SERIES, DAILY_SERIES)
        },
        "assumed_load_factor": draw(st.sampled_from(("0.5", "0.45", "1"))),
    }
    tariff = draw(tariffs(period=LABEL_PERIOD)) if delivery else None
    return plan, tariff


@st.composite
def _shares(draw: Draw, component: Component) -> Document:
    """A share for each bucket, in hundredths that add up to one."""
    names = [bucket.name for bucket in component.terms["calendar"].all_buckets]
    cuts = [draw(st.integers(0, 100)) for _ in names[1:]]
    ends = [0, *sorted(cuts), 100]
    hundredths = [upper - lower for lower, upper in itertools.pairwise(ends)]
    return {
        name: decimal_text(read_decimal(str(share), "") / 100, 2)
        for name, share in zip(names, hundredths, strict=True)
    }
