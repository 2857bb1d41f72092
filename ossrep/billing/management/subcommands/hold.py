"""``bill hold``: stops the billing of accounts."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace

from ossrep.billing.usecases.hold_accounts import hold_accounts
from ossrep.infra.commands import OssrepCommand

HELP = "Stops the billing of accounts until they are released; --reason is kept with the hold."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", nargs="+", help="account number")


def handle(options: Namespace, out: OssrepCommand) -> None:
    count = hold_accounts(
        account_numbers=options.account,
        reason=options.reason or "",
        placed_by=getpass.getuser(),
    )
    out.stdout.write(f"{count} accounts are held.")
