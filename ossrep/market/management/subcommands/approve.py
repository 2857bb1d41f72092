"""``manage.py market approve``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.matching.paying import approve_payment

HELP = "A second person approves a payment to a TDSP; its 820_02 is queued."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("payment", metavar="NUMBER", help="as market pay has printed it")
    parser.add_argument("--by", required=True, metavar="NAME", help="who approves it")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    approve_payment(reference=options.payment, approved_by=options.by, now=as_of_from(options))
    out.stdout.write(f"{options.payment} approved, its 820_02 is queued")
