"""The average prices of the Electricity Facts Label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.components import below_minimum, in_band, kwh_of_bands
from tests.oracle.delivery import in_force, read_tariff
from tests.oracle.documents import Document
from tests.oracle.exact import Refusal, decimal_text, read_decimal, round_half_up
from tests.oracle.plans import Component, read_plan
from tests.oracle.tax_facts import RATES_OF_THE_LAW

LABEL_KWH = (500, 1000, 2000)
LABEL_DAYS = 30
HOURS_OF_LABEL_MONTH = 24 * LABEL_DAYS
ZERO = Fraction(0)


def reference_efl(plan: Document, tariff: Document | None) -> dict[int, Document]:
    """For 500, 1000 and 2000 kWh: `cents` as an exact fraction, and `printed` to 0.1 cent.

    Raises Refusal where the label cannot be computed.
    """
    read = read_plan(plan, "plan")
    if read.efl is None:
        raise Refusal("missing_field", "plan.efl", "the plan says nothing of its label")
    label = _Label(efl=read.efl, rows=None if tariff is None else read_tariff(tariff, "tariff"))
    prices = {}
    for kwh in LABEL_KWH:
        cents = _month_usd(read.components, label, Fraction(kwh)) * 100 / kwh
        prices[kwh] = {"cents": cents, "printed": decimal_text(round_half_up(cents, 1), 1)}
    return prices


@dataclass(frozen=True, slots=True)
class _Label:
    """What the label assumes, and the tariff rows (None without a tariff)."""

    efl: Document
    rows: list[Document] | None

    def kw(self, kwh: Fraction) -> Fraction:
        factor = self.efl["assumed_load_factor"]
        if factor is None:
            message = "demand needs the load factor that the label assumes"
            raise Refusal("missing_field", "plan.efl.assumed_load_factor", message)
        return kwh / (HOURS_OF_LABEL_MONTH * Fraction(factor))

    def rows_in_force(self) -> list[Document]:
        rows = [row for row in self.rows or [] if in_force(row, self.efl["label_date"])]
        if not rows:
            raise Refusal("no_tariff", "tariff", "no tariff is in force on the label's date")
        return rows


def _month_usd(components: tuple[Component, ...], label: _Label, kwh: Fraction) -> Fraction:
    """The exact recurring charges of a 30-day month, with the PUC assessment where printed."""
    total = taxed = ZERO
    for component in components:
        for amount, taxes in _amounts(component, label, kwh):
            total += amount
            taxed += amount if "puc" in taxes else ZERO
    if label.efl["includes_puc_assessment"]:
        total += taxed * RATES_OF_THE_LAW.puc
    return total


def _amounts(
    component: Component, label: _Label, kwh: Fraction
) -> list[tuple[Fraction, tuple[str, ...]]]:
    """Each exact amount of a component with the taxes that reach it."""
    if component.kind in ("one_off", "solar_buyback"):
        return []
    if component.kind == "delivery":
        return [
            (_row_usd(row, label, kwh), component.taxes if row["taxes"] is None else row["taxes"])
            for row in label.rows_in_force()
        ]
    return [(_retailer_usd(component, label, kwh), component.taxes)]


def _row_usd(row: Document, label: _Label, kwh: Fraction) -> Fraction:
    if row["unit"] == "month":
        quantity = Fraction(1)
    elif row["unit"] == "day":
        quantity = Fraction(LABEL_DAYS)
    else:
        quantity = kwh if row["unit"] == "kwh" else label.kw(kwh)
    return quantity * Fraction(row["rate_usd"])


def _retailer_usd(component: Component, label: _Label, kwh: Fraction) -> Fraction:
    terms = component.terms
    if component.kind == "base_charge_monthly":
        return Fraction(terms["amount_usd"])
    if component.kind == "base_charge_daily":
        return LABEL_DAYS * Fraction(terms["amount_usd_per_day"])
    if component.kind == "energy_flat":
        return kwh * Fraction(terms["price_usd_per_kwh"])
    if component.kind == "energy_tiered":
        bands = kwh_of_bands([bound for bound, _ in terms["tiers"]], Fraction(1), kwh)
        return sum((q * p for q, (_, p) in zip(bands, terms["tiers"], strict=True)), ZERO)
    if component.kind == "energy_indexed":
        return kwh * (_assumed_index(component, label) + Fraction(terms["adder_usd_per_kwh"]))
    if component.kind == "demand":
        return label.kw(kwh) * Fraction(terms["price_usd_per_kw"])
    if component.kind in ("usage_credit", "usage_fee"):
        sign = -1 if component.kind == "usage_credit" else 1
        return sign * Fraction(terms["amount_usd"]) if in_band(terms, kwh) else ZERO
    if component.kind == "minimum_usage_fee":
        return Fraction(terms["amount_usd"]) if below_minimum(terms, kwh) else ZERO
    return _by_bucket_usd(component, label, kwh)


def _assumed_index(component: Component, label: _Label) -> Fraction:
    series = component.terms["series"]
    where = f"plan.efl.assumed_index_usd_per_kwh.{series}"
    assumed = label.efl["assumed_index_usd_per_kwh"]
    if series not in assumed:
        raise Refusal("missing_field", where, "the label assumes no price for this index")
    return read_decimal(assumed[series], where)


def _by_bucket_usd(component: Component, label: _Label, kwh: Fraction) -> Fraction:
    """Each bucket's share of the kWh, as the label prints it, at the bucket's price."""
    where = f"plan.efl.bucket_shares.{component.code}"
    shares = {
        name: read_decimal(share, f"{where}.{name}")
        for name, share in label.efl["bucket_shares"].get(component.code, {}).items()
    }
    names = {bucket.name for bucket in component.terms["calendar"].all_buckets}
    if not set(shares) <= names or sum(shares.values(), ZERO) != 1:
        raise Refusal("bucket_shares", where, f"shares of {sorted(names)} that add up to 1")
    prices: Mapping[str, Fraction] = component.terms["prices"]
    return sum((kwh * share * prices[name] for name, share in shares.items()), ZERO)
