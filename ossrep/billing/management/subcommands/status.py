"""``bill status``: how far runs have come."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from ossrep.billing.queries.run_status import get_run_status, list_runs
from ossrep.infra.commands import OssrepCommand

HELP = "Shows the last runs, or one run with its totals."
COLUMNS = ("run", "kind", "cycle", "as of", "state", "due", "billed", "held", "amount")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", type=int, help="number of a run")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    run_id: int | None = options.run
    statuses = list_runs(limit=20) if run_id is None else [get_run_status(run_id=run_id)]
    if options.json:
        for status in statuses:
            out.json_line(**asdict(status))
        return
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
    out.table(title="Bill runs", columns=COLUMNS, rows=rows)
