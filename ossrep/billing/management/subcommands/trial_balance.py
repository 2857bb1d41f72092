"""``bill trial-balance``: the ledger's accounts and their sums."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from decimal import Decimal

from ossrep.billing.queries.balances import get_trial_balance
from ossrep.infra.commands import OssrepCommand

HELP = "Prints debits, credits and balance of every ledger account, customers' together."
COLUMNS = ("account", "code", "accounts", "debits", "credits", "balance")


def add_arguments(parser: ArgumentParser) -> None:
    return None


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows: list[list[object]] = [
        [line.kind, line.code, line.accounts, line.debit_usd, line.credit_usd, line.balance_usd]
        for line in get_trial_balance()
    ]
    sums = [sum((Decimal(str(row[n])) for row in rows), Decimal("0.00")) for n in (3, 4, 5)]
    out.table(title="Trial balance", columns=COLUMNS, rows=[*rows, ["total", "", "", *sums]])
