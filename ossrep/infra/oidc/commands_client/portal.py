"""``manage.py oidc_client portal``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.clients import PORTAL_CLIENT_ID, register_portal
from ossrep.infra.oidc.issuer import SCOPES

HELP = "Registers a client where people sign in; again: brings it up to what is given."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes the client's id and addresses."""
    parser.add_argument("--id", default=PORTAL_CLIENT_ID, metavar="CLIENT")
    parser.add_argument("--name", default="Customer portal")
    parser.add_argument(
        "--redirect-uri",
        action="append",
        metavar="URI",
        help="exactly as the client sends it (repeatable; default http://localhost:4200)",
    )
    parser.add_argument("--post-logout-redirect-uri", action="append", metavar="URI")
    parser.add_argument("--scope", nargs="+", default=list(SCOPES))
    parser.add_argument("--confidential", action="store_true", help="has a secret, printed once")
    parser.add_argument("--asks-consent", action="store_true", help="is not one of ours")


def handle(options: Namespace, out: OssrepCommand) -> None:
    """Registers and tells the secret, if there is one."""
    # The portal's development server; with and without the slash, as both are sent.
    uris = options.redirect_uri or ["http://localhost:4200", "http://localhost:4200/"]
    registered = register_portal(
        client_id=options.id,
        name=options.name,
        redirect_uris=uris,
        post_logout_redirect_uris=options.post_logout_redirect_uri or uris,
        scope=options.scope,
        is_public=not options.confidential,
        asks_consent=options.asks_consent,
    )
    out.stdout.write(f"client {registered.client_id}")
    if registered.secret:
        out.stdout.write(f"secret {registered.secret} (shown this once)")
