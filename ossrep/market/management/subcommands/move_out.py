"""``manage.py market move-out``."""

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
from ossrep.market.usecases.orders.starting import start_move_out

HELP = "Ends service by 814_24."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("date", metavar="DATE", help="the day from which there is no service")
    add_person(parser)
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    parser.add_argument(
        "--insist", action="store_true", help="second move-out (2MR) after an unexecutable one"
    )
    parser.add_argument(
        "--bypass-csa", action="store_true", help="2W: the agreement in force must be ours"
    )
    parser.add_argument("--agreed", action="store_true", help="backdated as the TDSP has agreed")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = start_move_out(
        esi_id=options.esi_id,
        requested_date=date_from(options.date, where="DATE"),
        customer=person_from(options),
        tdsp_code=options.tdsp,
        insists=options.insist,
        bypasses_csa=options.bypass_csa,
        is_agreed_backdate=options.agreed,
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
