"""``manage.py oidc_key list``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc import keys

HELP = "The published keys, the one that signs first."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes nothing."""


def handle(options: Namespace, out: OssrepCommand) -> None:
    """A line a key."""
    rows = [
        (key.kid, key.created_at.isoformat(), key.published_until or "signs")
        for key in keys.listed_keys()
    ]
    out.table(columns=["key", "created", "published until"], rows=rows)
