"""``manage.py customer abandon-expired-enrollments``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.management.subcommands.enroll import read_moment
from ossrep.customer.usecases.online_enrollment.start import abandon_expired
from ossrep.infra.commands import OssrepCommand

HELP = "Gives up online enrollments that were left open for too long; their answers are deleted."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--as-of", type=dt.datetime.fromisoformat, help="default: now")


def handle(options: Namespace, out: OssrepCommand) -> None:
    count = abandon_expired(as_of=read_moment(options.as_of))
    out.stdout.write(f"{count} enrollments given up")
