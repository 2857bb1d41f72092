"""``manage.py market take-back``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import (
    add_as_of,
    add_person,
    as_of_from,
    date_from,
    person_from,
)
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.service_orders.returns import start_return_to_us

HELP = "Another retailer has our customer: the issue whose end is our backdated 814_16."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=["inadvertent-loss", "rescission-return"])
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("loss_date", metavar="LOSS", help="the other retailer's first day")
    parser.add_argument("issue_date", metavar="ISSUE", help="day of the MarkeTrak issue")
    add_person(parser)
    parser.add_argument("--zip", required=True)
    parser.add_argument("--issue", default="", help="number of the MarkeTrak issue")
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = start_return_to_us(
        kind=options.kind.replace("-", "_"),
        esi_id=options.esi_id,
        loss_date=date_from(options.loss_date, where="LOSS"),
        issue_date=date_from(options.issue_date, where="ISSUE"),
        customer=person_from(options),
        zip_code=options.zip,
        issue_number=options.issue,
        tdsp_code=options.tdsp,
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} opened")
