"""``manage.py market withdraw``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.matching.paying import withdraw_payment

HELP = "Takes back a payment to a TDSP that was not sent; its invoices are open again."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("payment", metavar="NUMBER", help="as market pay has printed it")
    parser.add_argument("--by", required=True, metavar="NAME", help="who takes it back")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    withdraw_payment(
        reference=options.payment, by=options.by, reason=options.reason, now=as_of_from(options)
    )
    out.stdout.write(f"{options.payment} withdrawn, its invoices are open again")
