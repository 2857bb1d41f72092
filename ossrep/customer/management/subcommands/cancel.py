"""``manage.py customer cancel``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.customer.queries.numbers import get_contract_id
from ossrep.customer.usecases.cancel_contract import cancel_contract
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock

HELP = "Gives up a pending contract."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("contract", metavar="CONTRACT")


def handle(options: Namespace, out: OssrepCommand) -> None:
    cancel_contract(
        contract_id=get_contract_id(number=options.contract),
        reason=options.reason or "operator",
        as_of=clock.market_today(),
    )
    out.stdout.write(f"contract {options.contract} is cancelled")
