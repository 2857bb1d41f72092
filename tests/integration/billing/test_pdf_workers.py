"""PDFs by several processes; they see what is committed, so the database is the test's own."""

from __future__ import annotations

from pathlib import Path

from ossrep.billing.documents.pdf_files import (
    INVOICES_PER_TASK,
    stored_invoice_pdf,
    write_pdfs,
)
from ossrep.billing.queries.invoices import list_run_invoice_ids
from ossrep.billing.usecases.plan_run import RunOrder
from tests.factories.billing_book import FIRST_READ, a_book
from tests.integration.billing.runs import run


class TestWritePdfs:
    def test_shares_the_invoices_of_a_run(self, fresh_database: str, tmp_path: Path) -> None:
        book = a_book(accounts=INVOICES_PER_TASK + 1, usage_until=FIRST_READ)
        status = run(book, RunOrder(as_of=FIRST_READ))
        ids = list_run_invoice_ids(run_id=status.run_id)
        alone = stored_invoice_pdf(invoice_id=ids[0])

        portions = list(write_pdfs(invoice_ids=ids, folder=tmp_path, workers=2))

        assert [len(paths) for paths in portions] == [INVOICES_PER_TASK, 1]
        assert len(list(tmp_path.iterdir())) == len(ids)
        assert portions[0][0].read_bytes() == alone
