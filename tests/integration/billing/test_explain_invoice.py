from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
from django.core.management import call_command

from ossrep.billing.domain.explanations import ExplainedSite, Explanation
from ossrep.billing.models import Invoice
from ossrep.billing.usecases.explain_invoice import explain_invoice
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.kernel.identifiers import InvoiceId
from tests.factories.billing_book import FIRST_READ, START, Book, a_book
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")


def billed_book() -> Book:
    book = a_book(accounts=1)
    run(book, RunOrder(as_of=FIRST_READ))
    return book


def explain(book: Book, dates: frozenset[dt.date] | None = frozenset()) -> Explanation:
    with book.standing_in():
        return explain_invoice(invoice_id=InvoiceId(Invoice.objects.get().pk), dates=dates)


def only_site(explanation: Explanation) -> ExplainedSite:
    (site,) = explanation.sites
    return site


class TestExplainInvoice:
    def test_computes_every_line_and_tax_again_to_the_same_cents(self) -> None:
        found = explain(billed_book())

        assert found.agrees
        invoice = Invoice.objects.get()
        site = only_site(found)
        assert sum(line.stored_cents or 0 for line in site.lines) == int(
            (invoice.retailer_usd + invoice.delivery_usd) * 100
        )
        assert [tax.stored_cents for tax in found.taxes] == [int(invoice.tax_usd * 100)]
        assert (site.usage_changed, site.refusal) == (False, None)

    def test_keeps_a_recipe_that_can_be_checked_by_hand(self) -> None:
        site = only_site(explain(billed_book()))

        night = next(line for line in site.lines if line.bucket == "night")
        assert night.recipe is not None
        wh = sum(day.buckets["night"] for day in site.days)
        assert night.recipe["quantity"] == f"{wh / 1000:g}"
        assert night.recipe["windows"] == ["21:00-06:00 weekday/weekend/holiday"]
        assert night.recipe["unit_price_usd"] == "0.05"

    def test_shows_the_usage_of_each_day_by_bucket(self) -> None:
        site = only_site(explain(billed_book()))

        assert [day.date for day in site.days][:2] == [START, START + dt.timedelta(days=1)]
        assert len(site.days) == 30
        for day in site.days:
            assert sum(day.buckets.values()) == day.import_wh == day.billed_import_wh
            assert not day.changed

    def test_shows_quarter_hours_with_their_buckets(self) -> None:
        site = only_site(explain(billed_book(), frozenset({START})))

        assert len(site.quarter_hours) == 96
        assert sum(q.import_wh for q in site.quarter_hours) == site.days[0].import_wh
        buckets = [q.buckets["energy"] for q in site.quarter_hours]
        assert buckets == ["night"] * 24 + ["day"] * 60 + ["night"] * 12

    def test_says_which_days_changed_since_the_bill(self) -> None:
        book = billed_book()
        day = START + dt.timedelta(days=3)
        book.meter.put_day(
            esi_id=a_contract(contract_id=1, account_id=1).esi_id,
            date=day,
            import_wh=np.full(96, 1_000, dtype=np.int32),
        )

        found = explain(book)

        site = only_site(found)
        assert (found.agrees, site.usage_changed) == (False, True)
        changed = [entry for entry in site.days if entry.changed]
        assert [(entry.date, entry.import_wh) for entry in changed] == [(day, 96_000)]
        differing = [line.component for line in site.lines if not line.agrees]
        assert set(differing) == {"energy", "tdu"}
        assert found.taxes[0].agrees is (
            found.taxes[0].stored_cents == found.taxes[0].computed_cents
        )

    def test_explains_a_bill_whose_usage_is_gone(self) -> None:
        book = billed_book()
        book.meter = type(book.meter)()

        found = explain(book)

        site = only_site(found)
        assert site.refusal is not None
        assert site.refusal.startswith("missing_interval: ")
        assert all(line.recipe for line in site.lines)
        assert not found.agrees

    def test_knows_bank_first_bill_and_received_charges_of_the_bill(self) -> None:
        book = a_book()
        contract = a_contract(contract_id=1, account_id=1, plan_version_id=3, start_date=START)
        book.add(an_account(account_id=1, contracts=[contract]))
        book.put_usage(esi_id=contract.esi_id, start=START, end=FIRST_READ)
        for offset in range(30):
            date = START + dt.timedelta(days=offset)
            book.meter.put_day(
                esi_id=contract.esi_id,
                date=date,
                import_wh=np.full(96, 100, dtype=np.int32),
                export_wh=np.full(96, 300, dtype=np.int32),
            )
        run(book, RunOrder(as_of=FIRST_READ))

        found = explain(book)

        assert found.agrees
        kinds = [line.component for line in only_site(found).lines]
        assert "solar" in kinds


class TestExplainCommand:
    def test_prints_lines_days_and_taxes(self, capsys: pytest.CaptureFixture[str]) -> None:
        book = billed_book()
        number = Invoice.objects.get().number

        with book.standing_in():
            call_command("bill", "explain", number, "--intervals", START.isoformat())

        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(f"Invoice {number} of account 000000001, issued {FIRST_READ}")
        base = next(line for line in lines if line.startswith("retailer\tBase charge"))
        assert base.split("\t")[2:] == [
            "1 month x $9.95 = $9.95; share 1 of 30 days (days_over_30_capped)",
            "9.95",
            "9.95",
            "",
        ]
        assert sum(line.startswith("2026-06-09 ") for line in lines) == 96
        assert lines[-1] == "Every line comes out the same today."

    def test_answers_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        book = billed_book()

        with book.standing_in():
            call_command("bill", "explain", Invoice.objects.get().number, "--json")

        found = json.loads(capsys.readouterr().out)
        assert (found["agrees"], len(found["sites"][0]["days"])) == (True, 30)
