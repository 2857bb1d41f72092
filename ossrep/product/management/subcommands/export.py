"""``manage.py product export``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.yaml_files import dump_yaml
from ossrep.kernel import clock
from ossrep.product.queries.plan_sources import find_plan_source

HELP = "Writes a plan as the YAML file it was imported from."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help="plan code, or PLAN@VERSION")
    parser.add_argument("--version", dest="plan_version", type=int, metavar="N")
    parser.add_argument(
        "--resolved",
        action="store_true",
        help="the document that bills, shared calendars written out; comments are lost",
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    named = f"{options.plan}@{options.plan_version}" if options.plan_version else options.plan
    source = find_plan_source(named=named, as_of=clock.market_today())
    out.stdout.write(dump_yaml(dict(source.document)) if options.resolved else source.text)
