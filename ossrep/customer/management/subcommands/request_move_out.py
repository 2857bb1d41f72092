"""``manage.py customer request-move-out``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.management.subcommands.enroll import read_moment
from ossrep.customer.queries.numbers import get_contract_id
from ossrep.customer.usecases.end_in_market import request_move_out
from ossrep.infra.commands import OssrepCommand

HELP = "Asks the market to end service; the contract ends when the market says so."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("contract", metavar="CONTRACT")
    parser.add_argument(
        "--date", required=True, type=dt.date.fromisoformat, help="first day without service"
    )
    parser.add_argument("--number", help="its number; default: the next of the series")
    parser.add_argument("--as-of", type=dt.datetime.fromisoformat, help="default: now")


def handle(options: Namespace, out: OssrepCommand) -> None:
    number = request_move_out(
        contract_id=get_contract_id(number=options.contract),
        wanted_date=options.date,
        now=read_moment(options.as_of),
        number=options.number,
    )
    out.stdout.write(f"move-out {number} is asked for on {options.date}")
