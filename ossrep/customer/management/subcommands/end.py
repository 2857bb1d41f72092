"""``manage.py customer end``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.domain.contract_life import END_REASONS
from ossrep.customer.queries.numbers import get_contract_id
from ossrep.customer.usecases.end_contract import end_contract
from ossrep.infra.commands import OssrepCommand

HELP = "Ends service under an active contract."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("contract", metavar="CONTRACT")
    parser.add_argument(
        "--date", required=True, type=dt.date.fromisoformat, help="first day without service"
    )
    parser.add_argument("--because", required=True, choices=END_REASONS)
    parser.add_argument("--correct", action="store_true", help="give an ended contract another end")


def handle(options: Namespace, out: OssrepCommand) -> None:
    end_contract(
        contract_id=get_contract_id(number=options.contract),
        end_date=options.date,
        reason=options.because,
        is_correction=options.correct,
    )
    out.stdout.write(f"contract {options.contract} ends on {options.date}")
