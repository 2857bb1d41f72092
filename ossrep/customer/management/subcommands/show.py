"""``manage.py customer show``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from ossrep.customer.queries.account_page import get_account_page
from ossrep.infra.commands import OssrepCommand

HELP = "Shows an account and its contracts."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT")
    parser.add_argument("--json", action="store_true", help="as one JSON line")


def handle(options: Namespace, out: OssrepCommand) -> None:
    page = get_account_page(number=options.account)
    if options.json:
        out.json_line(**asdict(page))
        return
    out.stdout.write(
        f"Account {page.number} of {page.customer_name} ({page.customer_number}), "
        f"{page.customer_class}"
    )
    out.stdout.write(f"Bills by {page.delivery} to {page.email or page.mailing_address}")
    out.table(
        columns=["contract", "status", "ESI ID", "address", "from", "to", "term to"],
        rows=[
            [c.number, c.status, c.esi_id, c.address, c.start_date, c.end_date, c.term_end_date]
            for c in page.contracts
        ],
    )
