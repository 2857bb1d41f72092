"""``bill pdf``: invoices as PDF files."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.conf import settings

from ossrep.billing.documents.pdf_files import PdfsRefused, write_pdfs
from ossrep.billing.queries.invoices import find_invoice_ids, list_run_invoice_ids
from ossrep.billing.queries.run_status import get_run_status
from ossrep.infra.commands import OssrepCommand

HELP = "Writes invoices as PDF files, the same bytes each time."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("invoices", nargs="*", metavar="INVOICE", help="invoice numbers")
    parser.add_argument("--run", type=int, metavar="RUN", help="every invoice of a bill run")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="default: invoices in the data folder"
    )
    parser.add_argument("--workers", type=int, default=1, help="local processes")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if bool(options.invoices) == (options.run is not None):
        raise PdfsRefused("name invoices, or a run with --run")
    if options.run is not None:
        get_run_status(run_id=options.run)
        ids = list_run_invoice_ids(run_id=options.run)
    else:
        ids = find_invoice_ids(numbers=options.invoices)
    folder = options.out or Path(settings.VAR_DIR) / "invoices"
    begun = time.perf_counter()
    count = 0
    with out.progress("PDFs", total=len(ids)) as advance:
        for paths in write_pdfs(invoice_ids=ids, folder=folder, workers=options.workers):
            count += len(paths)
            advance(len(paths))
            if options.run is None and not options.json:
                for path in paths:
                    out.stdout.write(str(path))
    seconds = time.perf_counter() - begun
    if options.json:
        out.json_line(folder=str(folder), invoices=count, seconds=round(seconds, 2))
    elif options.run is not None:
        out.stdout.write(f"{count:,} PDFs in {folder}, {count / max(seconds, 0.001):,.0f} a second")
