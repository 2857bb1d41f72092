"""``bill export``: a bill run as a folder."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from ossrep.billing.documents.pdf_files import write_pdfs
from ossrep.billing.files.run_export import export_run
from ossrep.billing.queries.invoices import list_run_invoice_ids
from ossrep.billing.queries.run_status import get_run_status
from ossrep.infra.commands import OssrepCommand

HELP = "Writes a run as a folder: PDFs, index, invoices, lines, ledger and tax totals."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", type=int, metavar="RUN")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: in the data folder")
    parser.add_argument("--no-pdf", action="store_true", help="the CSV files only")
    parser.add_argument("--workers", type=int, default=1, help="local processes for the PDFs")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    get_run_status(run_id=options.run)
    ids = list_run_invoice_ids(run_id=options.run)
    folder = options.out or Path(settings.VAR_DIR) / "exports" / f"run-{options.run}"
    with out.progress("invoices", total=len(ids)) as advance:
        exported = export_run(run_id=options.run, folder=folder, advance=advance)
    if not options.no_pdf:
        with out.progress("PDFs", total=len(ids)) as advance:
            for paths in write_pdfs(
                invoice_ids=ids, folder=folder / "pdf", workers=options.workers
            ):
                advance(len(paths))
    if options.json:
        out.json_line(**asdict(exported))
        return
    out.table(
        columns=["invoices", "lines", "charges", "taxes", "posted", "folder"],
        rows=[
            [
                exported.invoices,
                exported.lines,
                exported.charges_usd,
                exported.tax_usd,
                exported.ledger_usd,
                exported.folder,
            ]
        ],
    )
