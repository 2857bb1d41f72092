"""``manage.py product retire``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.product.usecases.retire_plan import retire_plan

HELP = "Takes a plan off the shelf: all its versions on sale, or one. Contracts go on."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN")
    parser.add_argument("--version", dest="plan_version", type=int, metavar="N")


def handle(options: Namespace, out: OssrepCommand) -> None:
    versions = retire_plan(
        plan_code=options.plan,
        as_of=clock.now(),
        version=options.plan_version,
        reason=options.reason or "",
    )
    for version in versions:
        out.stdout.write(f"{options.plan} version {version} is retired")
