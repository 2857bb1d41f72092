"""``manage.py product publish``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.product.usecases.publish_plan import PlanPublished, publish_plan

HELP = "Publishes the drafts of plans; a published version never changes."


class PlansNotPublished(DomainError):
    """Some plans were not published; the others were."""

    code = "plans_not_published"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plans", nargs="+", metavar="PLAN")
    parser.add_argument(
        "--label-date",
        type=dt.date.fromisoformat,
        metavar="DATE",
        help="date whose delivery tariff the label shows, instead of the file's",
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows, refusals = [], []
    for code in options.plans:
        try:
            done = publish_plan(plan_code=code, as_of=clock.now(), label_date=options.label_date)
        except DomainError as refusal:
            refusals.append(str(refusal))
            continue
        outcome = "published" if done.is_new else "unchanged"
        rows.append((done.plan_code, done.version, outcome, _prices(done)))
    out.table(columns=["plan", "version", "outcome", "label, cents per kWh"], rows=rows)
    if refusals:
        raise PlansNotPublished("\n".join(refusals))


def _prices(done: PlanPublished) -> str:
    lines = done.label.lines if done.label else ()
    return ", ".join(f"{line.printed_cents} at {line.kwh}" for line in lines)
