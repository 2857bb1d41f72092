"""``manage.py customer change-enrollment-date``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.management.subcommands.enroll import read_moment
from ossrep.customer.usecases.change_enrollment import change_enrollment_date
from ossrep.infra.commands import OssrepCommand

HELP = "Asks the market for another first day of a move-in."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("enrollment", metavar="ENROLLMENT")
    parser.add_argument("--date", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--as-of", type=dt.datetime.fromisoformat, help="default: now")


def handle(options: Namespace, out: OssrepCommand) -> None:
    change_enrollment_date(
        number=options.enrollment, wanted_date=options.date, now=read_moment(options.as_of)
    )
    out.stdout.write(f"the market is asked to begin {options.enrollment} on {options.date}")
