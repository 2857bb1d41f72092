"""``manage.py oidc_client renew-secret``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.clients import renew_secret

HELP = "Gives a confidential client a new secret; the old one is void at once."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes the client's id."""
    parser.add_argument("id", metavar="CLIENT")


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Tells the new secret."""
    out.stdout.write(f"secret {renew_secret(options.id).secret} (shown this once)")
