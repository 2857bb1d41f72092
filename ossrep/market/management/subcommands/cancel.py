"""``manage.py market cancel``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.orders.changing import cancel_order, find_order

HELP = "Asks to cancel an order by 814_08."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="number of the order")
    parser.add_argument("--code", default="B40", help="B40 customer's wish, A13 other (with text)")
    parser.add_argument("--text", default="", help="why")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = cancel_order(
        order_id=find_order(reference=options.reference).pk,
        reason=options.code,
        text=options.text,
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
