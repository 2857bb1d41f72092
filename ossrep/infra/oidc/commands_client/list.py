"""``manage.py oidc_client list``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from oidc_provider.models import Client

from ossrep.infra.commands import OssrepCommand

HELP = "The registered clients; never their secrets."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes nothing."""


def handle(options: Namespace, out: OssrepCommand) -> None:
    """A line a client."""
    rows = [
        (
            client.client_id,
            client.name,
            client.client_type,
            " ".join(client.scope),
            " ".join(client.redirect_uris),
        )
        for client in Client.objects.order_by("client_id")
    ]
    out.table(columns=["client", "name", "type", "scope", "redirect URIs"], rows=rows)
