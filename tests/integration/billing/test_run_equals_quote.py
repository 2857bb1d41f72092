"""A bill of the run and a quote of the same plan, usage, tariff and taxes are the same bill."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ossrep.billing.domain.quotes import answer
from ossrep.billing.models import Invoice, InvoiceLine, InvoiceTax, LocalTax, LocalTaxRate, TaxPlace
from ossrep.billing.queries.invoices import load_invoices
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.kernel.identifiers import InvoiceId
from ossrep.kernel.market_time import intervals_in_day
from ossrep.rating.exact import exact_text
from tests.factories.billing_book import (
    FIRST_READ,
    FLAT_PLAN,
    SOLAR_PLAN,
    START,
    TARIFF,
    TOU_PLAN,
    Book,
    a_book,
)
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")

PLANS = {1: TOU_PLAN, 2: FLAT_PLAN, 3: SOLAR_PLAN}
PLACES: dict[str, dict[str, Any]] = {
    "here": {
        "code": "here",
        "name": "Heresville",
        "population": 20_000,
        "local_taxes": [
            {"code": "city", "label": "City", "rate": "0.01", "from": "2020-01-01"},
            {"code": "bus", "label": "Bus", "rate": "0.00375", "from": "2020-01-01"},
        ],
    },
    "there": {"code": "there", "name": "Thereville", "population": 1_500, "local_taxes": []},
}


def know_places() -> None:
    for place in PLACES.values():
        row = TaxPlace.objects.create(
            code=place["code"], name=place["name"], population=place["population"]
        )
        for position, tax in enumerate(place["local_taxes"], start=1):
            LocalTaxRate.objects.create(
                tax=LocalTax.objects.create(place=row, code=tax["code"], position=position),
                label=tax["label"],
                rate=tax["rate"],
                residential=False,
                from_date=dt.date(2020, 1, 1),
            )


def usage_of(seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    days = []
    for offset in range((FIRST_READ - START).days):
        date = START + dt.timedelta(days=offset)
        count = intervals_in_day(date)
        days.append(
            {
                "date": date.isoformat(),
                "import_wh": random.integers(100, 900, count).tolist(),
                "export_wh": random.integers(0, 600, count).tolist(),
            }
        )
    return days


def billed(sites: list[tuple[int, str]], customer_class: str) -> tuple[Book, list[dict[str, Any]]]:
    """A book with one account, and the sites of the quote that ask for the same."""
    know_places()
    book = a_book()
    contracts, quoted = [], []
    for number, (plan, place) in enumerate(sites, start=1):
        contract = a_contract(
            contract_id=number,
            account_id=1,
            plan_version_id=plan,
            start_date=START,
            tax_place=place,
        )
        contracts.append(contract)
        days = usage_of(number)
        for day in days:
            book.meter.put_day(
                esi_id=contract.esi_id,
                date=dt.date.fromisoformat(day["date"]),
                import_wh=np.array(day["import_wh"], dtype=np.int32),
                export_wh=np.array(day["export_wh"], dtype=np.int32),
            )
        quoted.append(
            {
                "plan": PLANS[plan],
                "usage": {"days": days},
                "tariff": {"rows": TARIFF},
                "tax": {
                    "residential": customer_class == "residential",
                    "place": PLACES[place],
                },
            }
        )
    book.add(an_account(account_id=1, contracts=contracts, customer_class=customer_class))
    run(book, RunOrder(as_of=FIRST_READ))
    return book, quoted


def line_of_row(line: InvoiceLine) -> tuple[Any, ...]:
    template = line.template
    price = template.unit_price_usd
    return (
        line.site_no - 1,
        template.section,
        template.kind,
        template.component,
        template.bucket,
        template.label,
        exact_text(Fraction(line.quantity, template.quantity_scale)),
        None if price is None else price.normalize(),
        str(line.amount_usd),
    )


def line_of_quote(line: dict[str, Any]) -> tuple[Any, ...]:
    price = line["unit_price_usd"]
    return (
        line["site"],
        line["section"],
        line["kind"],
        line["component"],
        line["bucket"],
        line["label"],
        line["quantity"],
        None if price is None else Decimal(price).normalize(),
        line["amount_usd"],
    )


def tax_of_row(tax: InvoiceTax) -> tuple[Any, ...]:
    return tax.template.code, tax.template.place or None, tax.template.label, str(tax.amount_usd)


class TestARunAndAQuote:
    @pytest.mark.parametrize(
        ("sites", "customer_class"),
        [
            ([(1, "here")], "residential"),
            ([(2, "here")], "small_commercial"),
            ([(3, "there")], "residential"),
            ([(1, "here"), (2, "there"), (3, "here")], "small_commercial"),
        ],
    )
    def test_make_the_same_bill(self, sites: list[tuple[int, str]], customer_class: str) -> None:
        _, quoted = billed(sites, customer_class)

        quote = answer(
            {
                "id": 1,
                "period": {"start": START.isoformat(), "end": FIRST_READ.isoformat()},
                "sites": quoted,
            }
        )

        (stored,) = load_invoices(invoice_ids=[InvoiceId(Invoice.objects.get().pk)])
        invoice = stored.invoice
        assert [line_of_row(line) for line in stored.lines] == [
            line_of_quote(line) for line in quote["lines"]
        ]
        assert [tax_of_row(tax) for tax in stored.taxes] == [
            (tax["code"], tax["place"], tax["label"], tax["amount_usd"]) for tax in quote["taxes"]
        ]
        assert str(invoice.amount_due_usd) == quote["total_usd"]
        assert str(invoice.retailer_usd + invoice.delivery_usd) == quote["subtotal_usd"]
        assert (
            str(Decimal(invoice.average_price_tenth_cents or 0).scaleb(-1))
            == (quote["average_price_cents_per_kwh"])
        )
        assert [str(charge.bank_out_usd) for charge in stored.charges] == [
            bank["out_usd"] for bank in quote["banks"]
        ]
