"""``manage.py customer quarantine``: rows of books that were refused."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict

from ossrep.customer.domain.records import KINDS
from ossrep.customer.management.subcommands.import_book import tell
from ossrep.customer.queries.quarantine import count_quarantined, list_quarantined
from ossrep.customer.usecases.settle_quarantine import discard_quarantined, retry_quarantined
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock

HELP = "Lists, retries or discards rows that an import refused."


def add_arguments(parser: ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    lists = what.add_parser("list", help="the rows that wait, with their reasons")
    lists.add_argument("--state", default="open", help="open, imported, superseded or discarded")
    lists.add_argument("--limit", type=int, default=100)
    lists.add_argument("--json", action="store_true", help="JSON lines with the whole content")
    retry = what.add_parser("retry", help="imports rows again")
    chosen = retry.add_mutually_exclusive_group(required=True)
    chosen.add_argument("ids", nargs="*", type=int, default=[], metavar="ID")
    chosen.add_argument("--all", action="store_true", help="every open row")
    retry.add_argument(
        "--set",
        action="append",
        default=[],
        type=_correction,
        metavar="COLUMN=VALUE",
        help="a corrected cell, for the rows named",
    )
    retry.add_argument("--json", action="store_true", help="the outcome as one JSON line")
    for sub in (lists, retry):
        sub.add_argument("--kind", choices=[kind.name for kind in KINDS])
    discard = what.add_parser("discard", help="puts rows away; needs --reason")
    discard.add_argument("ids", nargs="+", type=int, metavar="ID")


def _correction(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not sign:
        raise ArgumentTypeError("write it as COLUMN=VALUE")
    return column, value


def handle(options: Namespace, out: OssrepCommand) -> None:
    {"list": _list, "retry": _retry, "discard": _discard}[options.what](options, out)


def _list(options: Namespace, out: OssrepCommand) -> None:
    found = list_quarantined(state=options.state, kind=options.kind, limit=options.limit)
    if options.json:
        for row in found:
            out.json_line(**asdict(row))
        return
    out.table(
        columns=["id", "kind", "number", "place", "reason"],
        rows=[[r.id, r.kind, r.number, f"{r.file}:{r.line}", r.reason] for r in found],
    )
    if out.is_terminal and options.state == "open":
        counts = ", ".join(f"{count} {code}" for code, count in count_quarantined().items())
        out.stdout.write(f"open in all: {counts or 'none'}")


def _retry(options: Namespace, out: OssrepCommand) -> None:
    result = retry_quarantined(
        ids=None if options.all else options.ids,
        kind=options.kind,
        corrections=dict(options.set),
        as_of=clock.market_today(),
    )
    tell(result, out, as_json=options.json)


def _discard(options: Namespace, out: OssrepCommand) -> None:
    count = discard_quarantined(ids=options.ids, reason=options.reason or "")
    out.stdout.write(f"{count} rows put away")
