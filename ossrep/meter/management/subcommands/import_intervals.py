"""``meter import``: interval files into stored, validated days."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from time import perf_counter

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.meter.domain.revisions import Outcome
from ossrep.meter.management.arguments import instant
from ossrep.meter.usecases.import_file import REFUSALS_PER_FILE_MAX, FileReport
from ossrep.meter.usecases.import_files import FilesNotRead, import_files

NAME = "import"
HELP = (
    "Imports interval usage: SMT portal CSV, ERCOT .lse or our interval CSV; files, folders, "
    ".gz and .zip. Can be run again at any time: what is stored already stays as it is."
)
_REASONS_SHOWN_MAX = 12


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="Processes (1).")
    parser.add_argument(
        "--as-of",
        type=instant,
        default=None,
        metavar="TIME",
        help="When the files are received: a date or ISO 8601 time; now, unless given.",
    )
    parser.add_argument(
        "--refused-max",
        type=int,
        default=REFUSALS_PER_FILE_MAX,
        metavar="N",
        help=f"Stop reading a file after N refused records ({REFUSALS_PER_FILE_MAX}).",
    )
    parser.add_argument("--json", action="store_true", help="JSON lines, also on a terminal.")


def handle(options: Namespace, out: OssrepCommand) -> None:
    started = perf_counter()
    reports: list[FileReport] = []
    with out.progress("quarter hours") as advance:
        import_files(
            paths=options.paths,
            received_at=options.as_of or clock.now(),
            workers=options.workers,
            on_progress=lambda progress: advance(progress.intervals),
            on_report=reports.append,
            refused_max=options.refused_max,
        )
    seconds = perf_counter() - started
    reports.sort(key=lambda report: report.intake_id)
    if options.json or not out.is_terminal:
        _print_json(reports, seconds, out)
    else:
        _print_tables(reports, seconds, out)
    # A scheduler sees the exit status only: a file that was not read must not look like success.
    unread = [report for report in reports if report.error]
    if unread:
        raise FilesNotRead(
            f"{len(unread)} of {len(reports)} files were not read to their end; first: "
            f"{unread[0].error}"
        )


def _numbers(report: FileReport) -> dict[str, int]:
    outcomes = report.tally.outcomes
    return {
        "accepted": outcomes[Outcome.ACCEPTED],
        "replaced": outcomes[Outcome.REPLACED],
        "older": outcomes[Outcome.OLDER],
        "unchanged": outcomes[Outcome.UNCHANGED],
        "refused": report.tally.refused,
    }


def _print_json(reports: list[FileReport], seconds: float, out: OssrepCommand) -> None:
    totals: Counter[str] = Counter()
    for report in reports:
        numbers = _numbers(report)
        totals.update(numbers)
        out.json_line(
            file=report.file,
            format=report.format,
            **numbers,
            reasons=dict(report.tally.refusals),
            failed_rules=dict(report.tally.failed_rules),
            error=report.error,
        )
    intervals = sum(report.tally.intervals for report in reports)
    out.json_line(
        total_files=len(reports), **totals, intervals=intervals, seconds=round(seconds, 3)
    )


def _print_tables(reports: list[FileReport], seconds: float, out: OssrepCommand) -> None:
    columns = ("file", "format", "accepted", "replaced", "older", "unchanged", "refused", "")
    rows = [
        (report.file, report.format, *_numbers(report).values(), report.error) for report in reports
    ]
    out.table(columns=columns, rows=rows, title="Days, by file")
    reasons: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for report in reports:
        reasons.update(report.tally.refusals)
        rules.update(report.tally.failed_rules)
    if reasons:
        out.table(
            columns=("refused for", "records"),
            rows=reasons.most_common(_REASONS_SHOWN_MAX),
            title="In quarantine: manage.py meter quarantine list",
        )
    if rules:
        out.table(
            columns=("rule", "days"), rows=sorted(rules.items()), title="Days that fail a rule"
        )
    intervals = sum(report.tally.intervals for report in reports)
    speed = intervals / seconds if seconds else 0
    out.stdout.write(
        f"{intervals:,} quarter hours stored in {seconds:.1f} s ({speed:,.0f} a second)"
    )
