"""``manage.py market csa``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.management.arguments import add_as_of, as_of_from, date_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.orders.agreements import change_csa, delete_csa, start_csa
from ossrep.market.usecases.orders.changing import find_order
from ossrep.market.usecases.orders.starting import OrderId, Person

HELP = "Continuous service agreements (814_18): establish, change, delete."


class CsaArgumentMissing(DomainError):
    """An action that needs an argument which is not there."""

    code = "csa_argument_missing"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["establish", "change", "delete"])
    parser.add_argument("what", metavar="ESI_ID|REF", help="establish: ESI ID, else the agreement")
    parser.add_argument("--start", default="", help="first day")
    parser.add_argument("--end", default="", help="last day; else without end")
    parser.add_argument("--name", default="", help="establish: the landlord")
    parser.add_argument("--tdsp", default="", help="code of the TDSP, where the ESI ID tells none")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    out.stdout.write(f"{get_order(order_id=_act(options)).reference} queued")


def _act(options: Namespace) -> OrderId:
    now = as_of_from(options)
    if options.action == "delete":
        return delete_csa(order_id=find_order(reference=options.what).pk, now=now)
    if not options.start:
        raise CsaArgumentMissing("say the first day", where="--start")
    start = date_from(options.start, where="--start")
    end = date_from(options.end, where="--end") if options.end else None
    if options.action == "change":
        order = find_order(reference=options.what)
        return change_csa(order_id=order.pk, start_date=start, end_date=end, now=now)
    return start_csa(
        esi_id=options.what,
        customer=Person(name=options.name),
        start_date=start,
        end_date=end,
        tdsp_code=options.tdsp,
        now=now,
    )
