"""``manage.py customer move-in``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.customer.queries.numbers import get_account_id, get_premises_id
from ossrep.customer.usecases.move_in import move_in
from ossrep.infra.commands import OssrepCommand

HELP = "Makes a pending contract of an account for a premises."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT")
    parser.add_argument("premises", metavar="PREMISES", help="number or ESI ID")
    parser.add_argument("--plan", required=True, help="code of the plan")
    parser.add_argument("--plan-version", type=int, help="default: the newest published")
    parser.add_argument("--date", required=True, type=dt.date.fromisoformat, help="first day")
    parser.add_argument("--signed", type=dt.date.fromisoformat, help="date of the signature")
    parser.add_argument("--contract", help="its number; default: the next of the series")


def handle(options: Namespace, out: OssrepCommand) -> None:
    contract_id = move_in(
        account_id=get_account_id(number=options.account),
        premises_id=get_premises_id(number=options.premises),
        plan_code=options.plan,
        plan_version=options.plan_version,
        start_date=options.date,
        signed_date=options.signed,
        number=options.contract,
    )
    out.stdout.write(f"pending contract with id {contract_id}")
