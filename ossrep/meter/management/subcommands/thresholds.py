"""``meter thresholds``: what the validation rules allow."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.meter.queries.thresholds import list_thresholds
from ossrep.meter.usecases.set_threshold import set_threshold

HELP = "Thresholds of the validation rules: list them, or set one for all or for one ESI ID."


def add_arguments(parser: ArgumentParser) -> None:
    chosen = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    chosen.add_parser("list", help="All thresholds, and those that differ for an ESI ID.")
    setting = chosen.add_parser("set", help="For example: set spike.wh_considered_from 5000")
    setting.add_argument("threshold", metavar="RULE.NAME")
    setting.add_argument("value", type=int, metavar="NUMBER")
    setting.add_argument("--esi-id", metavar="ESI", help="Only for this ESI ID.")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action == "list":
        rows = [(row.name, row.esi_id, row.value) for row in list_thresholds()]
        out.table(columns=("threshold", "esi_id", "value"), rows=rows)
        return
    rule, _, name = options.threshold.partition(".")
    set_threshold(rule=rule, name=name, value=options.value, esi_id=options.esi_id)
    out.stdout.write(f"{options.threshold} is {options.value}")
