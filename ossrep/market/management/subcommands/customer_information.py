"""``manage.py market customer-information``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.orders.customer_information import send_customer_information

HELP = "Tells the TDSP the customer's name, address and phone by 814_PC; an 814_PD answers."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    parser.add_argument("--membership", default="", help="membership id in a co-operative")
    parser.add_argument("--again", action="store_true", help="also what the TDSP was told last")
    parser.add_argument("--by", default="", help="who sends it")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = send_customer_information(
        esi_id=options.esi_id,
        tdsp_code=options.tdsp,
        membership_id=options.membership,
        again=options.again,
        by=options.by,
        now=as_of_from(options),
    )
    order = get_order(order_id=order_id)
    out.stdout.write(f"{order.reference}: {order.state}")
