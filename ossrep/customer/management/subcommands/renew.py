"""``manage.py customer renew``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.queries.numbers import get_contract_id
from ossrep.customer.usecases.renew_contract import renew_contract
from ossrep.infra.commands import OssrepCommand

HELP = "Ends an active contract and begins another one on the same day, on another plan."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("contract", metavar="CONTRACT")
    parser.add_argument("--plan", required=True, help="code of the plan")
    parser.add_argument("--plan-version", type=int, help="default: the newest published")
    parser.add_argument(
        "--date", required=True, type=dt.date.fromisoformat, help="first day on the new plan"
    )
    parser.add_argument("--because", choices=("renewal", "plan_change"), default="renewal")
    parser.add_argument("--new-contract", help="its number; default: the next of the series")


def handle(options: Namespace, out: OssrepCommand) -> None:
    new_id = renew_contract(
        contract_id=get_contract_id(number=options.contract),
        plan_code=options.plan,
        plan_version=options.plan_version,
        effective_date=options.date,
        reason=options.because,
        number=options.new_contract,
    )
    out.stdout.write(f"active contract with id {new_id} from {options.date}")
