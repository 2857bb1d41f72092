"""Solar buyback: what was earned, what it offsets, and what the credit bank keeps."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.documents import Document
from tests.oracle.exact import money_text, to_cents
from tests.oracle.lines import Line, Site, retailer_line
from tests.oracle.plans import Component

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Earning:
    """Exported kWh at one price (None: at many), rounded to the cent as a line."""

    kwh: Fraction
    price_usd_per_kwh: Fraction | None
    amount_usd: Fraction
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class Bank:
    """A site's credit bank over the bill; in + earned = applied + used + out + lost."""

    in_usd: Fraction
    earned_usd: Fraction
    applied_usd: Fraction
    used_usd: Fraction
    out_usd: Fraction
    lost_usd: Fraction

    def as_document(self) -> Document:
        """The bank as `docs/formats/quote.md` writes it."""
        return {
            field.name: money_text(getattr(self, field.name)) for field in dataclasses.fields(self)
        }


def bank_without_buyback(site: Site) -> Bank:
    """A plan without buyback has no bank: what comes in is lost."""
    return Bank(site.bank_in_usd, ZERO, ZERO, ZERO, ZERO, site.bank_in_usd)


def earnings(site: Site, component: Component) -> list[Earning]:
    """This period's earnings, those without exported kWh left out."""
    terms, usage = component.terms, site.usage
    if terms["mode"] == "fixed":
        found = [_earning(usage.export_kwh, terms["price_usd_per_kwh"])]
    elif terms["mode"] == "net_one_to_one":
        matched = min(usage.export_kwh, usage.import_kwh)
        found = [
            _earning(matched, terms["price_usd_per_kwh"], "matched"),
            _earning(usage.export_kwh - matched, terms["excess_price_usd_per_kwh"], "excess"),
        ]
    else:
        exact = _real_time_usd(site, component)
        found = [Earning(usage.export_kwh, None, to_cents(exact))]
    return [earning for earning in found if earning.kwh != 0]


def _earning(kwh: Fraction, price: Fraction, bucket: str | None = None) -> Earning:
    return Earning(kwh, price, to_cents(kwh * price), bucket)


def _real_time_usd(site: Site, component: Component) -> Fraction:
    terms = component.terms
    quarters = site.usage.each_quarter_hour(site.path_of(component))
    prices = site.prices(terms["series"])
    exact = ZERO
    for quarter in quarters:
        if quarter.export_wh:
            price = prices[quarter.date, quarter.index] + terms["adder_usd_per_kwh"]
            if terms["floor_usd_per_kwh"] is not None:
                price = max(price, terms["floor_usd_per_kwh"])
            exact += Fraction(quarter.export_wh, 1000) * price
    return exact


def settle(site: Site, component: Component, energy_usd: Fraction) -> tuple[list[Line], Bank]:
    """The lines of the buyback, given the sum of the site's rounded energy lines, and the bank.

    This month's earnings offset first, in their order, then the bank; never more than the energy
    lines unless the plan offsets all. A negative earning is a charge and leaves the limit alone.
    """
    unlimited = component.terms["offset"] == "all"
    has_bank = component.terms["bank"] is not None
    left = max(energy_usd, ZERO)
    lines: list[Line] = []
    earned = applied = ZERO
    for earning in earnings(site, component):
        if earning.amount_usd < 0:
            lines.append(_line(site, component, earning, "solar_charge", -earning.amount_usd))
            continue
        offset = earning.amount_usd if unlimited else min(earning.amount_usd, left)
        left -= offset
        earned += earning.amount_usd
        applied += offset
        lines.append(_line(site, component, earning, "solar_credit", -offset))
    used = ZERO
    if has_bank:
        used = site.bank_in_usd if unlimited else min(site.bank_in_usd, left)
    if used > 0:
        whole = Earning(Fraction(1), None, used)
        lines.append(_line(site, component, whole, "solar_bank_used", -used))
    left_over = earned - applied + site.bank_in_usd - used
    out = _kept(component, left_over)
    return lines, Bank(site.bank_in_usd, earned, applied, used, out, left_over - out)


def _kept(component: Component, left_over: Fraction) -> Fraction:
    bank = component.terms["bank"]
    if bank is None:
        return ZERO
    return left_over if bank["cap_usd"] is None else min(left_over, to_cents(bank["cap_usd"]))


def _line(
    site: Site, component: Component, earning: Earning, kind: str, amount_usd: Fraction
) -> Line:
    line = retailer_line(
        site,
        component,
        quantity=earning.kwh,
        unit="each" if kind == "solar_bank_used" else "kWh",
        price=earning.price_usd_per_kwh,
        exact_usd=amount_usd,
    )
    return dataclasses.replace(line, kind=kind, bucket=earning.bucket)
