"""Hypothesis strategies of whole quote cases: `cases()` can be billed, `refused_cases()` cannot."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracle.building import case_of, site_of
from tests.oracle.documents import Document
from tests.oracle.market_days import Period
from tests.oracle.mutations import MUTATIONS, applicable
from tests.oracle.number_strategies import kilowatts, mostly, rarely
from tests.oracle.plan_strategies import DAILY_SERIES, QUARTER_HOUR_SERIES, plans
from tests.oracle.site_strategies import delivery_charges, places, tariffs, tax_facts, tax_rates
from tests.oracle.usage_strategies import banks_usd, periods, price_series, usages

Draw = st.DrawFn
SITES_MAX = 3


@st.composite
def cases(draw: Draw) -> Document:
    """A case that can be billed: one to three sites in one or two places."""
    period = draw(periods())
    count = draw(st.sampled_from((1, 1, 1, 2, SITES_MAX)))
    codes = ("here", "there") if count > 1 and draw(mostly) else ("here",)
    in_places = [draw(places(code=code, start=period.start)) for code in codes]
    sites = [draw(_sites(period, in_places)) for _ in range(count)]
    fields: Document = {}
    series = {
        name: draw(price_series(period=period, daily=name == DAILY_SERIES))
        for name in (QUARTER_HOUR_SERIES, DAILY_SERIES)
        if any(_uses(site, name) for site in sites)
    }
    if series:
        fields["prices"] = series
    if draw(rarely):
        fields["tax_rates"] = draw(tax_rates())
    return case_of("random", period, sites, **fields)


@st.composite
def _sites(draw: Draw, period: Period, in_places: list[Document]) -> Document:
    registers = draw(rarely)
    delivery = draw(st.booleans())
    plan = draw(plans(period=period, registers=registers, delivery=delivery))
    buyback = any(component["kind"] == "solar_buyback" for component in plan["components"])
    exports = buyback and draw(mostly)
    site = site_of(plan, draw(usages(period=period, registers=registers, exports=exports)))
    if delivery:
        if draw(rarely):
            site["delivery_charges"] = draw(delivery_charges())
        else:
            site["tariff"] = draw(tariffs(period=period))
    tax = draw(tax_facts(in_places=in_places))
    if tax is not None:
        site["tax"] = tax
    options = st.fixed_dictionaries(
        {},
        optional={
            "bank_in_usd": banks_usd(),
            "prior_peak_kw": kilowatts(),
            "first_bill": st.booleans(),
            "final_bill": st.booleans(),
        },
    )
    return {**site, **draw(options)}


def _uses(site: Document, series: str) -> bool:
    return any(component.get("series") == series for component in site["plan"]["components"])


@st.composite
def refused_cases(draw: Draw) -> Document:
    """A case that could be billed but for one thing, which its id names."""
    case = draw(cases())
    name = draw(st.sampled_from(applicable(case)))
    MUTATIONS[name].spoil(case)
    case["id"] = f"refused: {name}"
    return case
