"""``manage.py customer link-login``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.customer.queries.numbers import get_account
from ossrep.customer.usecases.logins import link_login
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.identifiers import CustomerId
from ossrep.published.customer import LoginRight

HELP = "Gives a login of an identity provider to an account's customer."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT")
    parser.add_argument("--issuer", required=True, help="the token's iss")
    parser.add_argument("--subject", required=True, help="the token's sub")
    parser.add_argument("--email", default="", help="whom people see in lists")
    rights = [right.value for right in LoginRight]
    parser.add_argument("--rights", nargs="+", choices=rights, default=rights)


def handle(options: Namespace, out: OssrepCommand) -> None:
    account = get_account(number=options.account)
    login_id = link_login(
        issuer=options.issuer,
        subject=options.subject,
        customer_id=CustomerId(account.customer_id),
        rights=[LoginRight(right) for right in options.rights],
        email=options.email,
    )
    out.stdout.write(f"login {login_id} reaches the customer of account {account.number}")
