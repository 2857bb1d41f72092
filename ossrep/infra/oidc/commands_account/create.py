"""``manage.py oidc_account create``."""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.accounts.life import create_verified
from ossrep.infra.oidc.issuer import issuer

HELP = "Opens an account for somebody whose address is known; prints its password once."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes who it is."""
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("--first-name", default="")
    parser.add_argument("--last-name", default="")
    parser.add_argument("--json", action="store_true")


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Again: the account gets a new password, and what it was signed in to ends."""
    password = secrets.token_urlsafe(12)
    user = create_verified(
        email=options.email,
        first_name=options.first_name,
        last_name=options.last_name,
        password=password,
    )
    told = {
        "issuer": issuer(),
        "subject": str(user.pk),
        "email": user.email,
        "password": password,
    }
    if options.json:
        out.stdout.write(json.dumps(told))
        return
    out.stdout.write(f"account {told['subject']} of {told['issuer']}")
    out.stdout.write(f"password {password} (shown this once)")
