"""``manage.py market hold``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, add_person, as_of_from, person_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.service_orders.holds import add_switch_hold, remove_switch_hold

HELP = "Asks the TDSP for a payment-plan switch hold, or lifts one (650_01 SH001, SH002, SH003)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["add", "remove"])
    parser.add_argument("esi_id", metavar="ESI_ID")
    add_person(parser)
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    parser.add_argument("--tampering", action="store_true", help="lift a tampering hold (SH003)")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    now, customer = as_of_from(options), person_from(options)
    if options.action == "add":
        order_id = add_switch_hold(
            esi_id=options.esi_id, customer=customer, tdsp_code=options.tdsp, now=now
        )
    else:
        order_id = remove_switch_hold(
            esi_id=options.esi_id,
            customer=customer,
            tdsp_code=options.tdsp,
            is_tampering=options.tampering,
            now=now,
        )
    out.stdout.write(f"{get_order(order_id=order_id).reference} queued")
