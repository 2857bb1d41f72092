"""``bill open-items``: which bills of an account are not paid."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.billing.queries.open_items import get_open_items
from ossrep.infra.commands import OssrepCommand
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.money import dollars
from ossrep.published.customer import CustomerService

HELP = "Shows which charges of an account are open; payments go to the oldest first."


class UnknownAccount(DomainError):
    """No account has this number."""

    code = "unknown_account"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", help="account number")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    ids = resolve(CustomerService).find_account_ids(account_numbers=[options.account])
    if options.account not in ids:
        raise UnknownAccount("no account has this number", where=options.account)
    found = get_open_items(account_id=ids[options.account])
    rows = [
        [
            item.owed.name,
            item.owed.date,
            item.owed.due_date,
            dollars(item.owed.amount_cents),
            dollars(item.open_cents),
        ]
        for item in found.items
    ]
    rows.append(["credit left", None, None, None, dollars(-found.credit_cents)])
    columns = ["charge", "date", "due_date", "amount_usd", "open_usd"]
    if options.json:
        for row in rows:
            out.json_line(**dict(zip(columns, row, strict=True)))
    else:
        out.table(columns=columns, rows=rows)
