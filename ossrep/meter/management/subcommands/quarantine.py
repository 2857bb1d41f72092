"""``meter quarantine``: what did not load, and what to do about it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.meter.queries.quarantine import list_quarantined
from ossrep.meter.usecases.decide_quarantine import dismiss_quarantined, retry_quarantined

HELP = "Records that did not load: list them, try them again, dismiss them."


class NothingChosen(DomainError):
    """Neither records nor --all were named."""

    code = "nothing_chosen"


def add_arguments(parser: ArgumentParser) -> None:
    chosen = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = chosen.add_parser("list", help="Records with file, line and reason.")
    listing.add_argument("--state", default="open", choices=("open", "loaded", "dismissed"))
    listing.add_argument("--for", dest="refused_for", metavar="CODE", help="Only this reason code.")
    listing.add_argument("--esi-id", metavar="ESI")
    listing.add_argument("--limit", type=int, default=100, metavar="N")
    retry = chosen.add_parser("retry", help="Read records again and load what is good now.")
    retry.add_argument("ids", nargs="*", type=int, metavar="ID")
    retry.add_argument("--all", action="store_true", help="All open records.")
    dismiss = chosen.add_parser("dismiss", help="Close records that shall not load (--reason).")
    dismiss.add_argument("ids", nargs="+", type=int, metavar="ID")


def handle(options: Namespace, out: OssrepCommand) -> None:
    {"list": _list, "retry": _retry, "dismiss": _dismiss}[options.action](options, out)


def _list(options: Namespace, out: OssrepCommand) -> None:
    rows, total = list_quarantined(
        state=options.state,
        reason=options.refused_for,
        esi_id=options.esi_id,
        limit=options.limit,
    )
    out.table(
        columns=("id", "file", "line", "esi_id", "date", "reason", "tries", "message"),
        rows=[
            (
                row.record_id,
                row.file,
                row.first_line or "",
                row.esi_id,
                row.date,
                row.reason,
                row.attempts,
                row.message,
            )
            for row in rows
        ],
    )
    if total > len(rows):
        out.stderr.write(f"{total - len(rows)} more; see --limit")


def _retry(options: Namespace, out: OssrepCommand) -> None:
    if not options.ids and not options.all:
        raise NothingChosen("name the records to retry, or give --all")
    report = retry_quarantined(
        record_ids=None if options.all else options.ids, received_at=clock.now()
    )
    for record_id, message in report.refused:
        out.stdout.write(f"{record_id} stays: {message}")
    for file in report.whole_files:
        out.stdout.write(f"{file} was refused as a whole: import it again")
    out.stdout.write(f"{report.loaded} loaded, {len(report.refused)} still refused")


def _dismiss(options: Namespace, out: OssrepCommand) -> None:
    count = dismiss_quarantined(record_ids=options.ids, reason=options.reason or "")
    out.stdout.write(f"{count} dismissed")
