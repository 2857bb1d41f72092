"""``manage.py market change-date``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from, date_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.orders.changing import change_date, find_order

HELP = "Asks for another day of a move-in or move-out by 814_12."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="number of the order")
    parser.add_argument("date", metavar="DATE")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = change_date(
        order_id=find_order(reference=options.reference).pk,
        date=date_from(options.date, where="DATE"),
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
