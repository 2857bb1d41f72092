"""``manage.py oidc_key rotate``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc import keys

HELP = "A new key signs from now on; the old one stays published until its tokens have ended."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes whether the old key may be in foreign hands."""
    parser.add_argument(
        "--stolen",
        action="store_true",
        help="the old keys are taken back at once: everybody signs in anew",
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Rotates and names the new key."""
    out.stdout.write(f"{keys.rotate(is_stolen=options.stolen).kid} signs from now on")
