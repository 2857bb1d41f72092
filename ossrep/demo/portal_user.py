"""Somebody who signs in to the customer portal and sees bills."""

from __future__ import annotations

import csv
from pathlib import Path

from ossrep.demo.runner import run_command
from ossrep.demo.told import Told

PORTAL_EMAIL = "robin@example.com"
KEY = "portal-user"


def make_portal_user(*, account_number: str) -> Told:
    """Somebody who sees the account in the customer portal: client, account, link.

    Tells issuer, subject, email, password and account_number.
    """
    run_command("oidc_client", "portal")
    names = ("--first-name", "Robin", "--last-name", "Reyes")
    (row,) = run_command("oidc_account", "create", PORTAL_EMAIL, *names, "--json").rows
    run_command(
        *("customer", "link-login", account_number, "--issuer", row["issuer"]),
        *("--subject", row["subject"], "--email", PORTAL_EMAIL),
    )
    return Told(rows=[{**row, "account_number": account_number}])


def billed_account(*, export: Path) -> str:
    """An account of the exported run that is still served; empty where nothing was billed."""
    path = export / "index.csv"
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        billed = [row["account"] for row in csv.DictReader(file)]
    return next(filter(_is_served, billed), next(iter(billed), ""))


def _is_served(account_number: str) -> bool:
    (shown,) = run_command("customer", "show", account_number, "--json").rows
    return any(contract["status"] == "active" for contract in shown["contracts"])
