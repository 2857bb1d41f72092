"""``manage.py oidc_client remove``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.clients import remove

HELP = "Removes a client and ends everything that was granted to it."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes the client's id."""
    parser.add_argument("id", metavar="CLIENT")


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Tells how many sign-ins ended."""
    out.stdout.write(f"{options.id} removed, {remove(options.id)} sign-ins ended")
