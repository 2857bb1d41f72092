"""``manage.py market clock``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.domain.deadlines import local_text
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.queries.deadlines import late_or_nearly
from ossrep.market.usecases.deadlines import run_clock
from ossrep.market.usecases.matching.billed_before import ask_about_billed_before
from ossrep.market.usecases.matching.expected import find_expected
from ossrep.market.usecases.matching.refusing_dates import refuse_other_dates
from ossrep.market.usecases.matching.standalone import name_accounts
from ossrep.market.usecases.matching.unmapped import count_unmapped
from ossrep.market.usecases.orders.waiting import expire_waiting

HELP = (
    "Finds answers, usage and invoices that are late or nearly late and opens a work item for "
    "each; refuses invoices whose dates are not their usage's; brings counts in items up to date."
)
SHOWN_MAX = 200


def add_arguments(parser: ArgumentParser) -> None:
    add_as_of(parser)
    parser.add_argument("--dry-run", action="store_true", help="only show them")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    as_of = as_of_from(options)
    lines = late_or_nearly(as_of=as_of, limit=SHOWN_MAX)
    report = None if options.dry_run else run_clock(as_of=as_of)
    waiting = 0 if options.dry_run else expire_waiting(as_of=as_of)
    expected = None if options.dry_run else find_expected(as_of=as_of)
    refused = 0 if options.dry_run else refuse_other_dates(as_of=as_of)
    if not options.dry_run:
        count_unmapped(now=as_of)
        name_accounts(now=as_of)
        ask_about_billed_before(as_of=as_of)
    if options.json:
        for line in lines:
            out.json_line(
                step=line.step,
                expects=line.expects,
                esi_id=line.esi_id,
                reference=line.reference,
                due_at=line.due_at.isoformat(),
                standing=line.standing.value,
            )
    else:
        out.table(
            columns=["standing", "expected", "ESI ID", "reference", "due (Central)"],
            rows=[
                (
                    line.standing.value.replace("_", " "),
                    line.expects,
                    line.esi_id,
                    line.reference,
                    local_text(line.due_at),
                )
                for line in lines
            ],
        )
    if report is not None and expected is not None and not options.json:
        out.stdout.write(
            f"work items opened: {report.late} late, {report.nearly_late} nearly late, "
            f"{waiting} for messages that find no place"
        )
        out.stdout.write(
            f"of scheduled reads {len(expected.missing)} documents are missing; "
            f"{expected.waiting} corrections wait too long"
        )
        if refused:
            out.stdout.write(f"invoices of other dates than their usage refused (824): {refused}")
