from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.billing.files.run_export import ExportRefused, export_run
from ossrep.billing.models import Invoice
from ossrep.billing.queries.run_totals import get_ledger_totals, get_tax_totals
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from tests.factories.billing_book import FIRST_READ, a_book
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def total(rows: list[dict[str, str]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


class TestExportRun:
    def test_writes_rows_that_add_up_to_the_run(self, tmp_path: Path) -> None:
        status = run(a_book(accounts=3), RunOrder(as_of=FIRST_READ))

        exported = export_run(run_id=status.run_id, folder=tmp_path)

        invoices, lines = rows_of(tmp_path / "invoices.csv"), rows_of(tmp_path / "lines.csv")
        assert (exported.invoices, exported.lines) == (3, len(lines)) == (3, status.lines)
        assert total(lines, "amount_usd") == status.charges_usd == exported.charges_usd
        assert total(invoices, "tax_usd") == status.tax_usd == exported.tax_usd
        assert total(rows_of(tmp_path / "taxes.csv"), "amount_usd") == status.tax_usd
        ledger = rows_of(tmp_path / "ledger.csv")
        assert total(ledger, "debit_usd") == total(ledger, "credit_usd")
        assert ledger[0]["account"] == "receivable"
        assert Decimal(ledger[0]["debit_usd"]) - Decimal(ledger[0]["credit_usd"]) == (
            status.charges_usd + status.tax_usd
        )

    def test_names_each_invoice_and_its_pdf_in_the_index(self, tmp_path: Path) -> None:
        status = run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))

        export_run(run_id=status.run_id, folder=tmp_path)

        invoice = Invoice.objects.get(account_id=1)
        (row,) = [r for r in rows_of(tmp_path / "index.csv") if r["account"] == "000000001"]
        assert row == {
            "invoice": invoice.number,
            "account": "000000001",
            "bill_to": "Customer 1",
            "pdf": f"pdf/{invoice.number}.pdf",
            "issue_date": str(FIRST_READ),
            "due_date": str(invoice.due_date),
            "charges_usd": str(invoice.amount_due_usd),
            "amount_due_usd": str(invoice.amount_due_usd),
        }

    def test_writes_lines_as_they_are_printed(self, tmp_path: Path) -> None:
        status = run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        export_run(run_id=status.run_id, folder=tmp_path)

        first = rows_of(tmp_path / "lines.csv")[0]
        assert first | {"invoice": "", "esi_id": ""} == {
            "invoice": "",
            "line": "1",
            "site": "1",
            "esi_id": "",
            "section": "retailer",
            "kind": "base_charge_monthly",
            "component": "base",
            "bucket": "",
            "label": "Base charge",
            "quantity": "1",
            "unit": "month",
            "unit_price_usd": "9.95",
            "amount_usd": "9.95",
            "recurring": "yes",
            "taxes": "gross_receipts puc sales",
        }

    def test_gives_the_mirror_for_a_reversing_run(self, tmp_path: Path) -> None:
        status = run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        result = reverse_invoices(
            order=ReversalOrder(
                run_id=status.run_id, reason="wrong", effective_date=dt.date(2026, 7, 30)
            )
        )

        taxes = get_tax_totals(run_id=result.run_id)
        assert [tax.amount_usd for tax in taxes] == [
            -tax.amount_usd for tax in get_tax_totals(run_id=status.run_id)
        ]
        receivable = get_ledger_totals(run_id=result.run_id)[0]
        assert receivable.credit_usd - receivable.debit_usd == status.charges_usd + status.tax_usd
        export_run(run_id=status.run_id, folder=tmp_path)
        assert [row["reversed"] for row in rows_of(tmp_path / "invoices.csv")] == ["yes"]

    def test_refuses_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        status = run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        (tmp_path / "file").write_text("")

        with pytest.raises(ExportRefused, match="cannot be written"):
            export_run(run_id=status.run_id, folder=tmp_path / "file" / "x")

    def test_runs_as_a_command_with_the_pdfs(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status = run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))

        call_command("bill", "export", str(status.run_id), "--out", str(tmp_path))

        found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
        numbers = sorted(Invoice.objects.values_list("number", flat=True))
        assert found == [
            "index.csv",
            "invoices.csv",
            "ledger.csv",
            "lines.csv",
            *(f"pdf/{number}.pdf" for number in numbers),
            "taxes.csv",
        ]
        last = capsys.readouterr().out.splitlines()[-1].split("\t")
        assert last[:2] == ["2", str(status.lines)]
