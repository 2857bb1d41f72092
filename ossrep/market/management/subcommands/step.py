"""``manage.py market step``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from, date_from
from ossrep.market.queries.orders import get_order
from ossrep.market.usecases.orders.changing import find_order
from ossrep.market.usecases.service_orders.returns import (
    command_order,
    note_agreement,
    open_issue,
    send_return,
)

HELP = "A step that a person takes in a process worked by hand (docs/market/processes.md)."
STEPS = (
    "open-issue",
    "agreed",
    "send",
    "close",
    "claim",
    "not-ours",
    "move-in-sent",
    "move-out-sent",
    "refuse",
    "cancel",
    "gone",
)
WORDS = {"move-in-sent": "move-in sent", "move-out-sent": "move-out sent", "not-ours": "not ours"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="number of the order")
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--date", default="", help="open-issue, agreed: the day")
    parser.add_argument("--issue", default="", help="open-issue: number of the MarkeTrak issue")
    parser.add_argument("--by", default="", help="who takes it")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id, now = find_order(reference=options.reference).pk, as_of_from(options)
    date = date_from(options.date, where="--date") if options.date else None
    if options.step == "open-issue":
        open_issue(
            order_id=order_id,
            issue_number=options.issue,
            issue_date=date or now.date(),
            now=now,
            by=options.by,
        )
    elif options.step == "agreed":
        note_agreement(order_id=order_id, date=date, now=now, by=options.by)
    elif options.step == "send":
        send_return(order_id=order_id, now=now, by=options.by)
    else:
        name = WORDS.get(options.step, options.step)
        command_order(order_id=order_id, name=name, now=now, by=options.by)
    order = get_order(order_id=order_id)
    out.stdout.write(f"{order.reference}: {order.state}")
