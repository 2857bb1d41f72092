"""The retailer's lines of each kind of component, but for solar buyback (`solar.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from tests.oracle.documents import Document
from tests.oracle.exact import round_half_up
from tests.oracle.lines import Line, Site, retailer_line
from tests.oracle.market_days import share_of_month
from tests.oracle.plans import Component

PerComponent = Callable[[Site, Component], list[Line]]


def component_lines(site: Site, component: Component) -> list[Line]:
    """The lines of one component; those whose quantity is 0 are dropped."""
    lines = _LINES_OF_KIND[component.kind](site, component)
    return [line for line in lines if line.quantity != 0]


def base_charge_monthly(site: Site, component: Component) -> list[Line]:
    """Share of a month x amount."""
    share = share_of_month(component.terms["proration"], site.period)
    amount = component.terms["amount_usd"]
    return [retailer_line(site, component, quantity=share, unit="month", price=amount)]


def base_charge_daily(site: Site, component: Component) -> list[Line]:
    """Days x amount."""
    days = Fraction(len(site.period.days))
    amount = component.terms["amount_usd_per_day"]
    return [retailer_line(site, component, quantity=days, unit="day", price=amount)]


def energy_flat(site: Site, component: Component) -> list[Line]:
    """Imported kWh x price."""
    price = component.terms["price_usd_per_kwh"]
    kwh = site.usage.import_kwh
    return [retailer_line(site, component, quantity=kwh, unit="kWh", price=price)]


def energy_tiered(site: Site, component: Component) -> list[Line]:
    """The kWh of each band x its price; a prorated bound stays an exact fraction."""
    tiers = component.terms["tiers"]
    share = share_of_month(component.terms["prorate_bounds"], site.period)
    quantities = kwh_of_bands([bound for bound, _ in tiers], share, site.usage.import_kwh)
    return [
        retailer_line(site, component, quantity=kwh, unit="kWh", price=price, bucket=number)
        for number, (kwh, (_, price)) in enumerate(zip(quantities, tiers, strict=True), start=1)
    ]


def kwh_of_bands(bounds: list[Fraction | None], share: Fraction, kwh: Fraction) -> list[Fraction]:
    """The part of the kWh in each band; bounds are cumulative, times a share; the last is open."""
    quantities = []
    lower = Fraction(0)
    for bound in bounds:
        upper = max(kwh, lower) if bound is None else bound * share
        quantities.append(max(min(kwh, upper) - lower, Fraction(0)))
        lower = upper
    return quantities


def energy_by_bucket(site: Site, component: Component) -> list[Line]:
    """The kWh of each bucket x its price, the `otherwise` bucket last."""
    calendar = component.terms["calendar"]
    wh = {bucket.name: 0 for bucket in calendar.all_buckets}
    for quarter in site.usage.each_quarter_hour(site.path_of(component)):
        wh[calendar.bucket_name(quarter.date, quarter.minute)] += quarter.import_wh
    return [
        retailer_line(
            site,
            component,
            quantity=Fraction(wh[bucket.name], 1000),
            unit="kWh",
            price=component.terms["prices"][bucket.name],
            bucket=bucket.name,
            label=bucket.label,
        )
        for bucket in calendar.all_buckets
    ]


def energy_indexed(site: Site, component: Component) -> list[Line]:
    """The sum over quarter hours of kWh x (price + adder), rounded once."""
    quarters = site.usage.each_quarter_hour(site.path_of(component))
    prices = site.prices(component.terms["series"])
    adder = component.terms["adder_usd_per_kwh"]
    exact = sum(
        (
            Fraction(quarter.import_wh, 1000) * (prices[quarter.date, quarter.index] + adder)
            for quarter in quarters
            if quarter.import_wh
        ),
        Fraction(0),
    )
    kwh = site.usage.import_kwh
    return [retailer_line(site, component, quantity=kwh, unit="kWh", price=None, exact_usd=exact)]


def usage_credit(site: Site, component: Component) -> list[Line]:
    """Minus the amount when the period's kWh lies in the band."""
    return _amount_in_band(site, component, sign=-1)


def usage_fee(site: Site, component: Component) -> list[Line]:
    """The amount when the period's kWh lies in the band."""
    return _amount_in_band(site, component, sign=1)


def _amount_in_band(site: Site, component: Component, *, sign: int) -> list[Line]:
    terms = component.terms
    if not in_band(terms, site.usage.import_kwh):
        return []
    share = share_of_month(terms["proration"], site.period)
    amount = sign * terms["amount_usd"]
    return [retailer_line(site, component, quantity=share, unit="month", price=amount)]


def in_band(terms: Document, kwh: Fraction) -> bool:
    """Whether exact kWh lie in a band, whose ends count or not as its flags say."""
    start, end = terms["from_kwh"], terms["to_kwh"]
    if kwh < start or (kwh == start and not terms["include_from"]):
        return False
    if end is None:
        return True
    return bool(kwh < end or (kwh == end and terms["include_to"]))


def minimum_usage_fee(site: Site, component: Component) -> list[Line]:
    """The amount when kWh is below the limit, or at it where that is printed."""
    terms = component.terms
    if not below_minimum(terms, site.usage.import_kwh):
        return []
    share = share_of_month(terms["proration"], site.period)
    return [retailer_line(site, component, quantity=share, unit="month", price=terms["amount_usd"])]


def below_minimum(terms: Document, kwh: Fraction) -> bool:
    """Whether kWh are below the limit of a minimum usage fee, or at it where that is printed."""
    limit = terms["below_kwh"]
    return bool(kwh < limit or (kwh == limit and terms["include_limit"]))


def billing_kw(
    site: Site, *, ratchet_percent: Fraction | None, round_kw_decimals: int | None, where: str
) -> Fraction:
    """The measured kW (rounded only where decimals are printed), or the ratchet if higher."""
    measured = site.usage.measured_kw(where)
    if round_kw_decimals is not None:
        measured = round_half_up(measured, round_kw_decimals)
    if ratchet_percent is None:
        return measured
    return max(measured, ratchet_percent / 100 * site.prior_peak_kw)


def demand(site: Site, component: Component) -> list[Line]:
    """Billing kW x price, never prorated."""
    kw = billing_kw(
        site,
        ratchet_percent=component.terms["ratchet_percent"],
        round_kw_decimals=component.terms["round_kw_decimals"],
        where=site.path_of(component),
    )
    price = component.terms["price_usd_per_kw"]
    return [retailer_line(site, component, quantity=kw, unit="kW", price=price)]


def one_off(site: Site, component: Component) -> list[Line]:
    """The amount, once: on the first or on the final bill."""
    applies = {"first_bill": site.first_bill, "final_bill": site.final_bill}
    if not applies[component.terms["on"]]:
        return []
    amount = component.terms["amount_usd"]
    return [retailer_line(site, component, quantity=Fraction(1), unit="each", price=amount)]


_LINES_OF_KIND: Mapping[str, PerComponent] = {
    "base_charge_monthly": base_charge_monthly,
    "base_charge_daily": base_charge_daily,
    "energy_flat": energy_flat,
    "energy_tiered": energy_tiered,
    "energy_time_of_use": energy_by_bucket,
    "free_nights": energy_by_bucket,
    "free_weekends": energy_by_bucket,
    "energy_indexed": energy_indexed,
    "usage_credit": usage_credit,
    "usage_fee": usage_fee,
    "minimum_usage_fee": minimum_usage_fee,
    "demand": demand,
    "one_off": one_off,
}
