"""``manage.py market order``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.domain.deadlines import local_text
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.queries.orders import OrderStory, get_order_story
from ossrep.market.usecases.orders.changing import find_order, resend_order

HELP = "One order: what happened to it, what it waits for, what waits for it; or sends it again."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="number of the order")
    parser.add_argument("--resend", action="store_true", help="send it again first")
    parser.add_argument("--json", action="store_true", help="one JSON line")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    order_id: int = find_order(reference=options.reference).pk
    if options.resend:
        order_id = resend_order(order_id=order_id, now=as_of_from(options))
    story = get_order_story(order_id=order_id)
    if options.json:
        out.json_line(**dataclasses.asdict(story))
        return
    _tell(story, out)


def _tell(story: OrderStory, out: OssrepCommand) -> None:
    order = story.order
    out.stdout.write(f"{order.kind} {order.reference}, ESI ID {order.esi_id}: {order.state}")
    out.stdout.write(f"  {story.meaning}")
    for name in ("requested_date", "scheduled_date", "effective_date"):
        if getattr(order, name):
            out.stdout.write(f"  {name.replace('_', ' ')}: {getattr(order, name)}")
    out.table(
        columns=["no.", "when (Central)", "what", "verdict", "state", "number", "done", "told"],
        rows=[
            (
                step.number,
                local_text(step.happened_at),
                step.trigger,
                step.verdict,
                step.to_state,
                step.reference,
                "; ".join(step.effects),
                "; ".join(step.told),
            )
            for step in story.steps
        ],
    )
    for line in story.expects:
        out.stdout.write(f"  waits for {line}")
    for line in story.waiting:
        out.stdout.write(f"  waits for its turn: {line}")
