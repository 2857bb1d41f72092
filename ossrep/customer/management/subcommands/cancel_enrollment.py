"""``manage.py customer cancel-enrollment``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.customer.usecases.change_enrollment import cancel_enrollment
from ossrep.infra.commands import OssrepCommand

HELP = "Asks the market to cancel an enrollment that is on its way."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("enrollment", metavar="ENROLLMENT")
    parser.add_argument("--why", default="customer request", help="told to the market")


def handle(options: Namespace, out: OssrepCommand) -> None:
    cancel_enrollment(number=options.enrollment, reason=options.why)
    out.stdout.write(f"the market is asked to cancel {options.enrollment}")
