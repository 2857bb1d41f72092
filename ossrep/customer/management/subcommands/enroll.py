"""``manage.py customer enroll``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from ossrep.customer.domain import enrollment_life
from ossrep.customer.queries.numbers import get_account_id, get_premises_id
from ossrep.customer.usecases.enroll import Wish, submit_enrollment
from ossrep.customer.usecases.enroll_file import EnrolledRow, enroll_file
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE

HELP = "Asks the market for service: of one account, or of each row of a file."
SHOWN_MAX = 20


class EnrollmentsRefused(DomainError):
    """Some rows were refused; the good ones are on their way."""

    code = "enrollments_refused"


class EnrollmentIncomplete(DomainError):
    """Neither a file nor an account with premises, plan and kind."""

    code = "enrollment_incomplete"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", nargs="?")
    parser.add_argument("premises", metavar="PREMISES", nargs="?", help="number or ESI ID")
    parser.add_argument("--file", type=Path, help="CSV (docs/formats/enrollments.md)")
    parser.add_argument("--kind", choices=enrollment_life.KINDS)
    parser.add_argument("--plan", help="code of the plan")
    parser.add_argument("--plan-version", type=int, help="default: the newest published")
    parser.add_argument("--date", type=dt.date.fromisoformat, help="first day wanted")
    parser.add_argument("--priority", action="store_true", help="a move-in of the same day")
    parser.add_argument("--special-needs", action="store_true")
    parser.add_argument("--history", action="store_true", help="ask for twelve months of usage")
    parser.add_argument("--consented", type=dt.date.fromisoformat, help="date of the consent")
    parser.add_argument("--channel", default="", choices=enrollment_life.CHANNELS)
    parser.add_argument("--number", help="its number; default: the next of the series")
    parser.add_argument("--as-of", type=dt.datetime.fromisoformat, help="default: now")
    parser.add_argument("--json", action="store_true", help="one JSON line for each")


def handle(options: Namespace, out: OssrepCommand) -> None:
    now = read_moment(options.as_of)
    if options.file is not None:
        rows = list(enroll_file(path=options.file, now=now))
    else:
        rows = [EnrolledRow(line=1, enrollment=submit_enrollment(wish=_wish(options), now=now))]
    for row in rows:
        if options.json:
            out.json_line(**asdict(row))
    if not options.json:
        done = [row.enrollment for row in rows if row.enrollment]
        out.stdout.write(f"{len(done)} enrollments: {', '.join(done[:SHOWN_MAX])}")
    refused = [f"{options.file}:{row.line}: {row.refusal}" for row in rows if row.refusal]
    if refused:
        more = len(refused) - SHOWN_MAX
        tail = [f"and {more} more"] if more > 0 else []
        raise EnrollmentsRefused("\n".join([*refused[:SHOWN_MAX], *tail]))


def read_moment(given: dt.datetime | None) -> dt.datetime:
    """An aware instant: a bare one is the market's wall clock, none is now."""
    if given is None:
        return clock.now()
    return given if given.tzinfo else given.replace(tzinfo=MARKET_ZONE)


def _wish(options: Namespace) -> Wish:
    needed = ("account", "premises", "kind", "plan")
    missing = [name for name in needed if getattr(options, name) is None]
    if missing:
        raise EnrollmentIncomplete(f"without --file it needs {', '.join(missing)}")
    return Wish(
        kind=options.kind,
        account_id=get_account_id(number=options.account),
        premises_id=get_premises_id(number=options.premises),
        plan_code=options.plan,
        plan_version=options.plan_version,
        wanted_date=options.date,
        is_priority=options.priority,
        has_special_needs=options.special_needs,
        wants_usage_history=options.history,
        consented_date=options.consented,
        consent_channel=options.channel,
        number=options.number,
    )
