"""``bill reverse``: undoes a run or an invoice."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.billing.domain.invoice_numbers import is_valid_invoice_number
from ossrep.billing.usecases.reverse_invoices import (
    ReversalOrder,
    UnknownTarget,
    reverse_invoices,
)
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock

HELP = "Undoes a run or an invoice by mirrored transfers; the days can then be billed again."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("target", help="number of an invoice, or of a run")
    parser.add_argument(
        "--as-of", type=dt.date.fromisoformat, help="date of the transfers (default: today)"
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    run_id, invoice_number = _read_target(options.target)
    order = ReversalOrder(
        run_id=run_id,
        invoice_number=invoice_number,
        reason=options.reason or "",
        effective_date=options.as_of or clock.market_today(),
    )
    with out.progress("invoices reversed") as advance:
        result = reverse_invoices(order=order, report=advance)
    out.stdout.write(f"Run {result.run_id}: {result.invoices:,} invoices reversed.")


def _read_target(text: str) -> tuple[int | None, str | None]:
    """A run's number is short; an invoice's has its check digit."""
    if is_valid_invoice_number(text):
        return None, text.replace(" ", "").replace("-", "")
    if text.isdigit() and len(text) < 9:
        return int(text), None
    raise UnknownTarget("neither an invoice's number (check its digits) nor a run's", where=text)
