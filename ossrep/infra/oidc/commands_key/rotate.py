"""``manage.py oidc_key rotate``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc import keys

HELP = "A new key signs from now on; the old one stays published until its tokens have ended."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes nothing."""


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Rotates and names the new key."""
    out.stdout.write(f"{keys.rotate().kid} signs from now on")
