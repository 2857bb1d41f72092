"""``manage.py customer activate``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.queries.numbers import get_contract_id
from ossrep.customer.usecases.activate_contract import activate_contract
from ossrep.infra.commands import OssrepCommand

HELP = "Begins service under a pending contract."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("contract", metavar="CONTRACT")
    parser.add_argument(
        "--date",
        type=dt.date.fromisoformat,
        help="first day of service; default: the date that the contract wants",
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    contract_id = get_contract_id(number=options.contract)
    activate_contract(contract_id=contract_id, start_date=options.date)
    out.stdout.write(f"contract {options.contract} is active")
