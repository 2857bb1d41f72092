"""``bill quarantine``: rows of payment and opening files that were refused."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from ossrep.billing.management.subcommands import import_opening, import_payments
from ossrep.billing.models import RefusedKind
from ossrep.billing.queries.refused_rows import list_refused_rows
from ossrep.billing.usecases.import_openings import retry_openings
from ossrep.billing.usecases.import_payments import retry_payments
from ossrep.billing.usecases.refused_rows import discard_refused
from ossrep.infra.commands import OssrepCommand

HELP = "Lists, retries or puts away refused rows of payment and opening files."


def add_arguments(parser: ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    lists = what.add_parser("list", help="the rows that wait, with their reasons")
    lists.add_argument("--settled", action="store_true", help="those that loaded or were put away")
    lists.add_argument("--limit", type=int, default=100)
    lists.add_argument("--json", action="store_true", help="JSON lines with the whole content")
    lists.add_argument("--kind", choices=RefusedKind.values)
    retry = what.add_parser("retry", help="tries rows again")
    retry.add_argument("ids", nargs="*", type=int, metavar="ID", help="default: every open row")
    retry.add_argument("--kind", choices=RefusedKind.values, default=RefusedKind.PAYMENT.value)
    discard = what.add_parser("discard", help="puts rows away; needs --reason")
    discard.add_argument("ids", nargs="+", type=int, metavar="ID")


def handle(options: Namespace, out: OssrepCommand) -> None:
    {"list": _list, "retry": _retry, "discard": _discard}[options.what](options, out)


def _list(options: Namespace, out: OssrepCommand) -> None:
    found = list_refused_rows(kind=options.kind, is_open=not options.settled, limit=options.limit)
    if options.json:
        for row in found:
            out.json_line(**asdict(row))
        return
    out.table(
        columns=["id", "kind", "place", "reason", "what to do", "settled"],
        rows=[
            [r.row_id, r.kind, f"{r.file_name}:{r.line}", r.reason_code, r.message, r.settlement]
            for r in found
        ],
    )


def _retry(options: Namespace, out: OssrepCommand) -> None:
    ids = options.ids or None
    if options.kind == RefusedKind.OPENING:
        import_opening.tell([retry_openings(row_ids=ids)], out)
    else:
        import_payments.tell([retry_payments(row_ids=ids)], out)


def _discard(options: Namespace, out: OssrepCommand) -> None:
    count = discard_refused(row_ids=options.ids, reason=options.reason or "")
    out.stdout.write(f"{count} rows put away")
