"""``manage.py market read-cbci-answer``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.usecases.read_cbci_answer import read_cbci_answer

HELP = "Takes an answer of ERCOT to a billing contact file (docs/market/files.md)."
REFUSED_ROWS_SHOWN = 20


class AnswerRowsRefused(DomainError):
    """Some rows of an answer were not taken; the good ones were."""

    code = "cbci_answer_rows_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="a JSON line")


def handle(options: Namespace, out: OssrepCommand) -> None:
    taken = read_cbci_answer(path=options.path, now=clock.now())
    if options.json:
        out.json_line(**dataclasses.asdict(taken))
    elif taken.was_known:
        out.stdout.write(f"{taken.name}: taken before, nothing done")
    else:
        out.stdout.write(
            f"{taken.name}: report {taken.report_id}, {taken.errors} errors, "
            f"work items for {taken.esi_ids} ESI IDs"
        )
        for doubt in taken.doubts:
            out.stdout.write(f"not sure: {doubt}")
    if taken.refused_rows:
        shown = taken.refused_rows[:REFUSED_ROWS_SHOWN]
        raise AnswerRowsRefused("\n".join(shown))
