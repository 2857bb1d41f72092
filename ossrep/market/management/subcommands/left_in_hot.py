"""``manage.py market left-in-hot``."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.service_orders.returns import LIST_ROWS_MAX, import_no_rep_list

HELP = "Takes a TDSP's monthly list of premises without a retailer (docs/market/clocks.md)."


class ListRefused(DomainError):
    """A list that cannot be read, or rows of it; the good rows were taken."""

    code = "list_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="the ESI ID is its first column")
    parser.add_argument("--tdsp", required=True, help="code of the TDSP")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    try:
        with options.path.open(encoding="utf-8-sig", newline="") as file:
            cells = [row[0].strip() for row in csv.reader(file) if row and row[0].strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ListRefused(f"cannot be read: {error}", where=str(options.path)) from error
    esi_ids = [cell for cell in cells[: LIST_ROWS_MAX + 1] if any(c.isdigit() for c in cell)]
    outcome = import_no_rep_list(
        tdsp_code=options.tdsp,
        list_name=options.path.name[:30],
        esi_ids=esi_ids,
        now=as_of_from(options),
    )
    out.stdout.write(
        f"{outcome.rows} rows, {outcome.known} known to us, {outcome.opened} work items opened"
    )
    if outcome.refused:
        raise ListRefused("\n".join(outcome.refused))
