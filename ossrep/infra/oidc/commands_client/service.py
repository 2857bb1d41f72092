"""``manage.py oidc_client service``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.clients import SERVICE_SCOPE, register_service

HELP = "Registers a service that calls by client credentials; prints its secret once."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes the service's id."""
    parser.add_argument("id", metavar="CLIENT")
    parser.add_argument("--name", default="")
    parser.add_argument("--scope", nargs="+", default=[SERVICE_SCOPE])


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Registers and tells the secret."""
    registered = register_service(
        client_id=options.id, name=options.name or options.id, scope=options.scope
    )
    out.stdout.write(f"client {registered.client_id}")
    out.stdout.write(f"secret {registered.secret} (shown this once)")
