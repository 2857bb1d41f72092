"""``manage.py market move-in``."""

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
from ossrep.market.usecases.orders.starting import start_move_in

HELP = "Asks for service for a new occupant by 814_16."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("date", metavar="DATE", help="first day of service")
    parser.add_argument("--zip", required=True, help="five digits of the service address")
    add_person(parser)
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    parser.add_argument("--priority", action="store_true", help="same day, for a fee")
    parser.add_argument(
        "--returns",
        choices=["IA", "CR"],
        default="",
        help="return of an inadvertent gain (IA) or after a rescission (CR); may be backdated",
    )
    parser.add_argument(
        "--safety-net", action="store_true", help="backdated to a safety-net move-in"
    )
    parser.add_argument("--special-needs", action="store_true")
    parser.add_argument("--history", action="store_true", help="ask for usage history, too")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = start_move_in(
        esi_id=options.esi_id,
        zip_code=options.zip,
        customer=person_from(options),
        requested_date=date_from(options.date, where="DATE"),
        tdsp_code=options.tdsp,
        is_priority=options.priority,
        order_type=options.returns,
        is_agreed_backdate=options.safety_net,
        has_special_needs=options.special_needs,
        wants_usage_history=options.history,
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
