"""``manage.py market file-rows``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.market.queries.quarantine import list_refused_file_rows
from ossrep.market.usecases.refused_rows import settle_file_rows
from ossrep.market.usecases.retry_file_rows import retry_file_rows

HELP = "Rows of hold lists, CBCI answers and extracts that were not taken: list, retry, discard."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "retry", "discard"])
    parser.add_argument("rows", nargs="*", type=int, metavar="ROW", help="numbers to discard")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action == "retry":
        taken, left = retry_file_rows(as_of=clock.now())
        out.stdout.write(f"{taken} taken, {left} still refused")
    elif options.action == "discard":
        done = settle_file_rows(row_ids=options.rows, as_of=clock.now(), settlement="discarded")
        out.stdout.write(f"{done} discarded")
    else:
        out.table(
            columns=["number", "place", "message", "row"],
            rows=[(r.number, r.place, r.message, r.raw_row) for r in list_refused_file_rows()],
        )
