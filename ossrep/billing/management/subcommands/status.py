"""``bill status``: how far runs have come, and what they held."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.billing.management.output import Output
from ossrep.billing.queries.run_status import get_run_status, list_runs

HELP = "Shows the last runs, or one run with its totals and held accounts."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", type=int, help="number of a run")


def handle(options: Namespace, out: Output) -> None:
    statuses = list_runs(limit=20) if options.run is None else [get_run_status(run_id=options.run)]
    columns = ["run", "kind", "cycle", "as_of", "state", "due", "billed", "held", "charges_usd"]
    rows = [
        [
            status.run_id,
            status.kind,
            status.read_cycle or "all",
            status.as_of,
            status.state,
            status.planned,
            status.billed,
            status.held,
            status.charges_usd + status.tax_usd,
        ]
        for status in statuses
    ]
    out.table(title="Bill runs", columns=columns, rows=rows)
