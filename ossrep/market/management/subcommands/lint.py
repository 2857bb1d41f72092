"""``manage.py market lint``."""

from __future__ import annotations

import dataclasses
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.edi.lint.explaining import explain_file
from ossrep.market.management.lint_view import show_report

HELP = "Explains a file of the market: what it is, every problem, and what it says."
FILE_BYTES_MAX = 256 << 20
NEEDS_DATABASE = False


class LintFoundProblems(DomainError):
    """The file has problems, all of which are shown."""

    code = "lint_found_problems"


class CannotLint(DomainError):
    """The file cannot be read."""

    code = "cannot_lint"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE", help="the file, or - for standard input")
    parser.add_argument("--json", action="store_true", help="everything as one JSON object")
    parser.add_argument(
        "--documents",
        type=int,
        default=20,
        metavar="N",
        help="documents without problems that are read out (20); others are counted",
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    data = _read(options.path)
    report = explain_file(data, as_of=clock.market_today(), documents_max=max(options.documents, 0))
    if options.json:
        out.json_line(file=options.path, **dataclasses.asdict(report))
    else:
        show_report(report, name=options.path, out=out)
    if report.problem_count:
        count = report.problem_count
        problems = "1 problem" if count == 1 else f"{count:,} problems"
        raise LintFoundProblems(problems, where=options.path)


def _read(path: str) -> bytes:
    try:
        if path == "-":
            data = sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotLint(f"cannot be read: {reason}", where=path) from error
    if len(data) > FILE_BYTES_MAX:
        raise CannotLint(f"larger than {FILE_BYTES_MAX >> 20} MB; split it", where=path)
    return data
