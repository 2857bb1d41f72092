"""``manage.py market switch``."""

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
from ossrep.market.usecases.orders.starting import start_switch

HELP = "Asks for a service point by 814_01: on the first date available, or on one of our choice."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("--zip", required=True, help="five digits of the service address")
    add_person(parser)
    parser.add_argument("--date", help="self-selected date; the TDSP charges for it")
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    parser.add_argument("--special-needs", action="store_true")
    parser.add_argument("--history", action="store_true", help="ask for usage history, too")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = start_switch(
        esi_id=options.esi_id,
        zip_code=options.zip,
        customer=person_from(options),
        requested_date=date_from(options.date, where="--date") if options.date else None,
        tdsp_code=options.tdsp,
        has_special_needs=options.special_needs,
        wants_usage_history=options.history,
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
