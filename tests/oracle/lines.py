"""A printed line, and the site that it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.documents import Document
from tests.oracle.exact import exact_text, money_text, to_cents
from tests.oracle.market_days import Period
from tests.oracle.plans import Component, Plan
from tests.oracle.usage import Prices, Usage

ENERGY_KINDS = frozenset(
    {
        "energy_flat",
        "energy_tiered",
        "energy_time_of_use",
        "free_nights",
        "free_weekends",
        "energy_indexed",
    }
)


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that one site's lines come from."""

    index: int
    where: str
    period: Period
    plan: Plan
    usage: Usage
    prices: Callable[[str], Prices]
    tariff: list[Document] | None
    delivery_charges: list[Document] | None
    bank_in_usd: Fraction
    prior_peak_kw: Fraction
    first_bill: bool
    final_bill: bool

    def path_of(self, component: Component) -> str:
        """Where a component stands in the case."""
        return f"{self.where}.plan.{component.code}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill: quantity x unit price, rounded once to the cent."""

    site: int
    section: str
    kind: str
    component: str
    bucket: str | int | None
    label: str
    quantity: Fraction
    unit: str
    unit_price_usd: Fraction | None
    amount_usd: Fraction
    recurring: bool
    energy: bool
    taxes: tuple[str, ...]

    def as_document(self) -> Document:
        """The line as `docs/formats/quote.md` writes it, without the recipe."""
        price = self.unit_price_usd
        return {
            "site": self.site,
            "section": self.section,
            "kind": self.kind,
            "component": self.component,
            "bucket": self.bucket,
            "label": self.label,
            "quantity": exact_text(self.quantity),
            "unit": self.unit,
            "unit_price_usd": None if price is None else exact_text(price),
            "amount_usd": money_text(self.amount_usd),
            "recurring": self.recurring,
            "energy": self.energy,
            "taxes": list(self.taxes),
        }


def retailer_line(
    site: Site,
    component: Component,
    *,
    quantity: Fraction,
    unit: str,
    price: Fraction | None,
    exact_usd: Fraction | None = None,
    bucket: str | int | None = None,
    label: str | None = None,
) -> Line:
    """A line of the retailer's section: rounds `exact_usd`, by default quantity x price."""
    exact = exact_usd if exact_usd is not None else quantity * (price or Fraction(0))
    return Line(
        site=site.index,
        section="retailer",
        kind=component.kind,
        component=component.code,
        bucket=bucket,
        label=label or component.label,
        quantity=quantity,
        unit=unit,
        unit_price_usd=price,
        amount_usd=to_cents(exact),
        recurring=component.kind != "one_off",
        energy=component.kind in ENERGY_KINDS,
        taxes=component.taxes,
    )
