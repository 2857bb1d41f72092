"""``manage.py customer cancel-enrollment``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.management.subcommands.enroll import read_moment
from ossrep.customer.usecases.change_enrollment import cancel_enrollment
from ossrep.infra.commands import OssrepCommand

HELP = "Asks the market to cancel an enrollment that is on its way."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("enrollment", metavar="ENROLLMENT")
    parser.add_argument("--why", default="customer request", help="told to the market")
    parser.add_argument("--as-of", type=dt.datetime.fromisoformat, help="default: now")


def handle(options: Namespace, out: OssrepCommand) -> None:
    cancel_enrollment(number=options.enrollment, reason=options.why, now=read_moment(options.as_of))
    out.stdout.write(f"the market is asked to cancel {options.enrollment}")
