from __future__ import annotations

import dataclasses
import datetime as dt
import io
from pathlib import Path

import pypdf
import pytest
from django.core.management import call_command

from ossrep.billing.documents.from_rows import document_of
from ossrep.billing.documents.pdf_files import PdfsRefused, stored_invoice_pdf, write_pdfs
from ossrep.billing.models import Invoice, LocalTax, LocalTaxRate, TaxPlace
from ossrep.billing.queries.invoices import (
    UnknownInvoice,
    find_invoice_ids,
    list_run_invoice_ids,
    load_invoices,
)
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.kernel.identifiers import AccountId, InvoiceId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, Book, a_book
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.runs import pay, run

pytestmark = pytest.mark.django_db(databases="__all__")


def a_city() -> None:
    place = TaxPlace.objects.create(code="here", name="Heresville", population=20_000)
    tax = LocalTax.objects.create(place=place, code="city", position=1)
    LocalTaxRate.objects.create(
        tax=tax, label="City Tax", rate="0.01", residential=True, from_date=dt.date(2020, 1, 1)
    )


def a_business() -> Book:
    """Two premises in a city: one on solar, one flat."""
    a_city()
    book = a_book()
    contracts = [
        a_contract(
            contract_id=n,
            account_id=1,
            plan_version_id=n,
            start_date=START,
            tax_place="here",
            term_end_date=dt.date(2027, 6, 9),
        )
        for n in (2, 3)
    ]
    book.add(an_account(account_id=1, contracts=contracts, customer_class="small_commercial"))
    for contract in contracts:
        book.put_usage(esi_id=contract.esi_id, start=START, end=SECOND_READ, seed=2)
    return book


def text_of(pdf: bytes) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def only_invoice() -> Invoice:
    return Invoice.objects.get()


class TestDocumentOf:
    def test_prints_a_home_as_it_was_billed(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        invoice = only_invoice()

        (page,) = text_of(stored_invoice_pdf(invoice_id=InvoiceId(invoice.pk)))

        for text in (
            f"Invoice number {invoice.number}",
            f"${invoice.amount_due_usd}",
            "Lone Star Retail LLC",
            "Energy, nights",
            "kWh at 5¢",
            "Base charge 1 month at $9.95 $9.95",
            "TDU Delivery Charges, kWh",
            "PUC Assessment 1/600",
            "Jun 9, 2026 to Jul 8, 2026, 30 days",
            "ESI ID 10443720000000001",
            "Your use by day, kWh",
        ):
            assert text in page

    def test_foots_to_the_stored_cents(self) -> None:
        run(a_business(), RunOrder(as_of=FIRST_READ))
        invoice = only_invoice()
        (stored,) = load_invoices(invoice_ids=[InvoiceId(invoice.pk)])

        document = document_of(stored)

        assert document.amount_due_cents == int(invoice.amount_due_usd * 100)
        assert sum(site.tax_cents for site in document.sites) == int(invoice.tax_usd * 100)
        days = document.usage_days
        assert sum(day.import_wh for day in days) == invoice.import_wh
        assert (days[0].date, len(days)) == (START, 30)
        assert document.usage_months[-1].import_wh == invoice.import_wh

    def test_prints_each_location_of_a_business_and_its_citys_taxes(self) -> None:
        run(a_business(), RunOrder(as_of=FIRST_READ))

        first, *others = text_of(stored_invoice_pdf(invoice_id=InvoiceId(only_invoice().pk)))

        assert "Charges of your 2 locations" in first
        assert "Miscellaneous Gross Receipts Tax Reimbursement, Heresville 1.997%" in first
        assert "State Sales Tax 6.25%" in first
        assert "City Tax, Heresville 1%" in first
        assert " ".join(others).count("Charges of this location") == 2

    def test_names_the_customer_before_the_desk_that_pays(self) -> None:
        book = a_business()
        account = book.customers.accounts[AccountId(1)]
        book.add(dataclasses.replace(account, bill_to_name="Accounts Payable"))
        run(book, RunOrder(as_of=FIRST_READ))

        first, *_ = text_of(stored_invoice_pdf(invoice_id=InvoiceId(only_invoice().pk)))

        assert "Customer 1 Accounts Payable 100 Main St Dallas, TX 75201" in first

    def test_shows_payments_since_the_bill_before(self) -> None:
        book = a_book(accounts=1)
        run(book, RunOrder(as_of=FIRST_READ))
        first = only_invoice()
        pay(account_id=1, amount="40.00", date=dt.date(2026, 7, 20))
        run(book, RunOrder(as_of=SECOND_READ))
        second = Invoice.objects.exclude(pk=first.pk).get()

        (page,) = text_of(stored_invoice_pdf(invoice_id=InvoiceId(second.pk)))

        assert f"Previous balance ${first.amount_due_usd}" in page
        assert "Payment, thank you, Jul 20, 2026 -$40.00" in page

    def test_says_that_a_reversed_invoice_no_longer_counts(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        invoice = only_invoice()
        reverse_invoices(
            order=ReversalOrder(
                invoice_number=invoice.number,
                reason="wrong",
                effective_date=dt.date(2026, 7, 30),
            )
        )

        (page,) = text_of(stored_invoice_pdf(invoice_id=InvoiceId(invoice.pk)))

        assert "Reversed on Jul 30, 2026: this invoice no longer counts." in page


class TestStoredInvoicePdf:
    def test_needs_nobody_else_and_stays_the_same_whatever_changes_elsewhere(self) -> None:
        book = a_business()
        run(book, RunOrder(as_of=FIRST_READ))
        invoice_id = InvoiceId(only_invoice().pk)
        before = stored_invoice_pdf(invoice_id=invoice_id)

        account = book.customers.accounts[AccountId(1)]
        book.add(dataclasses.replace(account, customer_name="Another", contracts=()))
        TaxPlace.objects.filter(code="here").update(name="Elsewhere", population=1)
        LocalTaxRate.objects.all().delete()

        assert stored_invoice_pdf(invoice_id=invoice_id) == before


class TestWritePdfs:
    def test_writes_a_file_for_each_invoice_of_a_run(self, tmp_path: Path) -> None:
        status = run(a_book(accounts=3), RunOrder(as_of=FIRST_READ))
        numbers = sorted(Invoice.objects.values_list("number", flat=True))

        ids = list_run_invoice_ids(run_id=status.run_id)
        (paths,) = write_pdfs(invoice_ids=ids, folder=tmp_path / "out")

        assert [path.name for path in paths] == [f"{number}.pdf" for number in numbers]
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            path.name for path in paths
        ]
        assert numbers[0] in text_of(paths[0].read_bytes())[0]

    def test_refuses_what_it_cannot_do(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(PdfsRefused, match="64 workers"):
            list(write_pdfs(invoice_ids=[], folder=tmp_path, workers=65))
        with pytest.raises(PdfsRefused, match="cannot be made"):
            list(write_pdfs(invoice_ids=[], folder=tmp_path / "file" / "x"))

    def test_runs_as_a_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        status = run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))
        number = Invoice.objects.filter(account_id=1).get().number

        call_command("bill", "pdf", f"{number[:3]}-{number[3:]}", "--out", str(tmp_path))
        call_command("bill", "pdf", "--run", str(status.run_id), "--out", str(tmp_path), "--json")

        lines = capsys.readouterr().out.splitlines()
        assert str(tmp_path / f"{number}.pdf") in lines
        assert f'"folder": "{tmp_path}", "invoices": 2' in lines[-1]

    def test_names_an_invoice_that_nobody_knows(self) -> None:
        with pytest.raises(UnknownInvoice, match="123: no invoice has this number"):
            find_invoice_ids(numbers=["123"])
