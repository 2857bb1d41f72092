"""``meter partitions``: monthly partitions ahead of time."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.meter.management.arguments import date, month
from ossrep.meter.usecases.ensure_partitions import ensure_partitions

HELP = "Makes the monthly partitions of interval days that are not there yet."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--from", type=month, dest="first", metavar="YYYY-MM", help="This month.")
    parser.add_argument("--ahead", type=int, default=3, metavar="N", help="Months ahead (3).")
    parser.add_argument("--as-of", type=date, metavar="DATE", help="Today, unless given.")


def handle(options: Namespace, out: OssrepCommand) -> None:
    today: dt.date = options.as_of or clock.market_today()
    months = today.year * 12 + today.month - 1 + options.ahead
    last = dt.date(months // 12, months % 12 + 1, 1)
    made = ensure_partitions(first=options.first or today, last=last)
    for made_month in made:
        out.stdout.write(f"made {made_month:%Y-%m}")
    if not made:
        out.stdout.write(f"all months up to {last:%Y-%m} are there")
