"""``manage.py product diff``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.product.domain.plan_diff import diff_documents
from ossrep.product.queries.plan_sources import find_plan_source

HELP = "Shows what differs between two plans, versions or files, field by field."


def add_arguments(parser: ArgumentParser) -> None:
    for name in ("before", "after"):
        parser.add_argument(name, metavar=name.upper(), help="PLAN, PLAN@VERSION or a YAML file")
    parser.add_argument("--json", action="store_true", help="one JSON line for each field")


def handle(options: Namespace, out: OssrepCommand) -> None:
    today = clock.market_today()
    before, after = (
        find_plan_source(named=named, as_of=today) for named in (options.before, options.after)
    )
    differences = diff_documents(before=before.document, after=after.document)
    if options.json:
        for difference in differences:
            out.json_line(**dataclasses.asdict(difference))
        return
    out.table(
        columns=["field", f"{before.title} ({before.status})", f"{after.title} ({after.status})"],
        rows=[(d.path, d.before, d.after) for d in differences],
    )
