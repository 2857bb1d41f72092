"""``manage.py market give-back``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from, date_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.service_orders.returns import start_return_from_us

HELP = "We have another's customer (gained in error, or rescinded): no disconnect, an issue."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=["inadvertent-gain", "rescission"])
    parser.add_argument("esi_id", metavar="ESI_ID")
    parser.add_argument("gain_date", metavar="DATE", help="our first day there")
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id = start_return_from_us(
        kind=options.kind.replace("-", "_"),
        esi_id=options.esi_id,
        gain_date=date_from(options.gain_date, where="DATE"),
        tdsp_code=options.tdsp,
        now=as_of_from(options),
    )
    out.stdout.write(f"{get_order(order_id=order_id).reference} opened")
