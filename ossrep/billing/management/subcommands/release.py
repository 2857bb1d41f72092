"""``bill release``: lets held accounts or stopped bills go on."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace

from ossrep.billing.usecases.decide_work_items import release_work_items
from ossrep.billing.usecases.hold_accounts import lift_holds
from ossrep.infra.commands import OssrepCommand

HELP = "Lifts the hold of accounts, or releases stopped bills (--item) so that they are billed."


def add_arguments(parser: ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("account", nargs="*", default=[], help="account number")
    chosen.add_argument("--item", type=int, nargs="+", help="work items (see `bill work-items`)")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.item:
        count = release_work_items(
            item_ids=options.item, note=options.reason or "", decided_by=getpass.getuser()
        )
        out.stdout.write(f"{count} bills are released; the next run bills them.")
        return
    count = lift_holds(account_numbers=options.account, lifted_by=getpass.getuser())
    out.stdout.write(f"{count} accounts can be billed again.")
