"""``manage.py market refuse-unexecutable``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.orders.changing import find_order
from ossrep.market.usecases.orders.refusing import refuse_unexecutable

HELP = "Refuses the last 814_28 of an order by 814_29, because its data are invalid."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="number of the order")
    parser.add_argument("--code", default="A13", help="reject code; A13 other")
    parser.add_argument("--text", required=True, help="what is wrong with it")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order = find_order(reference=options.reference)
    refuse_unexecutable(
        order_id=order.pk, code=options.code, text=options.text, now=as_of_from(options)
    )
    out.stdout.write(f"814_29 about {order.reference} queued")
