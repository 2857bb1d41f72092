"""``manage.py market expected``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.domain.deadlines import local_text
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.matching.expected import find_expected

HELP = "Usage and invoices of scheduled reads that should be here: a work item for each missing."


def add_arguments(parser: ArgumentParser) -> None:
    add_as_of(parser)
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    report = find_expected(as_of=as_of_from(options))
    if options.json:
        for each in report.missing:
            out.json_line(
                kind=each.kind,
                esi_id=each.esi_id,
                tdsp_code=each.tdsp_code,
                read_date=str(each.read_date),
                due_at=each.due_at.isoformat(),
            )
        return
    out.table(
        columns=["missing", "ESI ID", "TDSP", "read", "due (Central)"],
        rows=[
            (each.kind, each.esi_id, each.tdsp_code, str(each.read_date), local_text(each.due_at))
            for each in report.missing
        ],
    )
    out.stdout.write(
        f"{len(report.missing)} missing, {report.come} have come since, "
        f"{report.waiting} corrections wait too long"
    )
