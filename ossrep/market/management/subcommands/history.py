"""``manage.py market history``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.service_orders.history import request_history

HELP = "Asks for the past usage of a service point by 814_26; it comes as 867_02."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = request_history(
        esi_id=options.esi_id, tdsp_code=options.tdsp, now=as_of_from(options)
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
