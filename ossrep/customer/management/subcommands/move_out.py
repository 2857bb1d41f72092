"""``manage.py customer move-out``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.queries.numbers import get_account_id, get_premises_id
from ossrep.customer.usecases.move_out import move_out
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock

HELP = "Ends the contracts of an account, at one premises or all."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT")
    parser.add_argument("--premises", help="number or ESI ID; default: all of the account")
    parser.add_argument(
        "--date", required=True, type=dt.date.fromisoformat, help="first day without service"
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    premises = options.premises
    ended = move_out(
        account_id=get_account_id(number=options.account),
        premises_id=get_premises_id(number=premises) if premises else None,
        end_date=options.date,
        as_of=clock.market_today(),
    )
    out.stdout.write(f"{len(ended)} contracts end on {options.date}")
