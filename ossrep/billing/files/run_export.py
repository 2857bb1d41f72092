"""A bill run as a folder: an index, invoices and lines, ledger and tax totals as CSV."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from ossrep.billing.models import ItemKind
from ossrep.billing.queries.invoices import (
    StoredInvoice,
    list_run_invoice_ids,
    load_invoices,
)
from ossrep.billing.queries.run_totals import (
    LedgerTotal,
    TaxTotal,
    get_ledger_totals,
    get_tax_totals,
)
from ossrep.kernel.errors import DomainError
from ossrep.rating.exact import exact_text

INDEX_COLUMNS = (
    "invoice", "account", "bill_to", "pdf", "issue_date", "due_date", "charges_usd",
    "amount_due_usd",
)  # fmt: skip
INVOICE_COLUMNS = (
    "invoice", "account", "bill_to", "kind", "period_start", "period_end", "issue_date", "due_date",
    "previous_balance_usd", "payments_usd", "adjustments_usd", "retailer_usd", "delivery_usd",
    "tax_usd", "amount_due_usd", "import_kwh", "export_kwh", "average_price_cents_per_kwh",
    "estimated", "reversed",
)  # fmt: skip
LINE_COLUMNS = (
    "invoice", "line", "site", "esi_id", "section", "kind", "component", "bucket", "label",
    "quantity", "unit", "unit_price_usd", "amount_usd", "recurring", "taxes",
)  # fmt: skip


class ExportRefused(DomainError):
    """A folder that cannot be written, or that holds another export."""

    code = "export_refused"


class Writer(Protocol):
    """Takes rows of a CSV file."""

    def writerow(self, row: Sequence[Any], /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and sums to compare with the run's status."""

    folder: Path
    invoices: int
    lines: int
    charges_usd: Decimal
    tax_usd: Decimal
    ledger_usd: Decimal


def export_run(
    *, run_id: int, folder: Path, advance: Callable[[int], None] = lambda _: None
) -> Exported:
    """Writes ``index.csv``, ``invoices.csv``, ``lines.csv``, ``ledger.csv`` and ``taxes.csv``.

    The PDFs' names stand in the index; ``documents`` writes them. A folder that exists is written
    over file by file. Raises ExportRefused.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines, charges, tax = _write_invoices(run_id, folder, advance)
        ledger = _write_totals(folder / "ledger.csv", LedgerTotal, get_ledger_totals(run_id=run_id))
        _write_totals(folder / "taxes.csv", TaxTotal, get_tax_totals(run_id=run_id))
    except OSError as error:
        raise ExportRefused(f"cannot be written: {error.strerror}", where=str(folder)) from error
    return Exported(
        folder=folder,
        invoices=len(list_run_invoice_ids(run_id=run_id)),
        lines=lines,
        charges_usd=charges,
        tax_usd=tax,
        ledger_usd=sum((row.debit_usd for row in ledger), Decimal(0)),
    )


@contextlib.contextmanager
def _csv(path: Path, columns: Sequence[str]) -> Iterator[Writer]:
    partial = path.with_suffix(".part")
    with partial.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        yield writer
    partial.replace(path)


def _write_invoices(
    run_id: int, folder: Path, advance: Callable[[int], None]
) -> tuple[int, Decimal, Decimal]:
    lines = 0
    charges = tax = Decimal(0)
    with (
        _csv(folder / "index.csv", INDEX_COLUMNS) as index,
        _csv(folder / "invoices.csv", INVOICE_COLUMNS) as invoices,
        _csv(folder / "lines.csv", LINE_COLUMNS) as details,
    ):
        for stored in load_invoices(invoice_ids=list_run_invoice_ids(run_id=run_id)):
            index.writerow(_index_row(stored))
            invoices.writerow(_invoice_row(stored))
            for row in _line_rows(stored):
                details.writerow(row)
                lines += 1
            charges += stored.invoice.retailer_usd + stored.invoice.delivery_usd
            tax += stored.invoice.tax_usd
            advance(1)
    return lines, charges, tax


def _index_row(stored: StoredInvoice) -> list[Any]:
    invoice = stored.invoice
    return [
        invoice.number,
        invoice.account_number,
        invoice.bill_to_name,
        f"pdf/{invoice.number}.pdf",
        invoice.issue_date,
        invoice.due_date,
        invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd,
        invoice.amount_due_usd,
    ]


def _invoice_row(stored: StoredInvoice) -> list[Any]:
    invoice = stored.invoice
    tenths = invoice.average_price_tenth_cents
    return [
        invoice.number,
        invoice.account_number,
        invoice.bill_to_name,
        ItemKind(invoice.kind).label,
        invoice.period_start,
        invoice.period_end,
        invoice.issue_date,
        invoice.due_date,
        invoice.previous_balance_usd,
        invoice.payments_usd,
        invoice.adjustments_usd,
        invoice.retailer_usd,
        invoice.delivery_usd,
        invoice.tax_usd,
        invoice.amount_due_usd,
        exact_text(Fraction(invoice.import_wh, 1000)),
        exact_text(Fraction(invoice.export_wh, 1000)),
        "" if tenths is None else Decimal(tenths).scaleb(-1),
        _yes(invoice.is_estimated),
        _yes(stored.reversal is not None),
    ]


def _line_rows(stored: StoredInvoice) -> Iterator[list[Any]]:
    esi_ids = {charge.site_no: charge.esi_id for charge in stored.charges}
    for line in stored.lines:
        template = line.template
        price = template.unit_price_usd
        yield [
            stored.invoice.number,
            line.line_no,
            line.site_no,
            esi_ids.get(line.site_no, ""),
            template.section,
            template.kind,
            template.component,
            template.bucket or "",
            template.label,
            exact_text(Fraction(line.quantity, template.quantity_scale)),
            template.unit,
            "" if price is None else exact_text(Fraction(price)),
            line.amount_usd,
            _yes(template.recurring),
            " ".join(template.taxes),
        ]


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _write_totals(path: Path, kind: type[Any], rows: Sequence[Any]) -> Sequence[Any]:
    with _csv(path, [field.name for field in fields(kind)]) as writer:
        for row in rows:
            writer.writerow(list(asdict(row).values()))
    return rows
