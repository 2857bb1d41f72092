"""Registering clients: portals where people sign in, services that call by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from oidc_provider.models import Client, ResponseType

from ossrep.infra import database
from ossrep.infra.oidc.grants import end_grants
from ossrep.infra.oidc.issuer import SCOPES
from ossrep.infra.oidc.models import Grant
from ossrep.infra.oidc.secret_forms import hashed_client_secret, new_secret
from ossrep.kernel.errors import DomainError

PORTAL_CLIENT_ID = "ossrep-customer-portal"
SERVICE_SCOPE = "api"
# Not digits alone: a user's subject is a number, and the two must never be mistaken.
_CLIENT_ID = re.compile(r"[a-z][a-z0-9_.-]{2,99}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class ClientRefused(DomainError):
    """A client that cannot be registered so."""

    code = "client_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A client and, only now, the secret of a confidential one."""

    client_id: str
    secret: str = ""


def register_portal(
    *,
    client_id: str,
    name: str,
    redirect_uris: Sequence[str],
    post_logout_redirect_uris: Sequence[str] = (),
    scope: Sequence[str] = SCOPES,
    is_public: bool = True,
    asks_consent: bool = False,
) -> Registered:
    """A client where people sign in; registered again, it is brought up to these values.

    First-party clients ask no consent. A confidential one gets a new secret each time.
    """
    if not redirect_uris:
        raise ClientRefused("a redirect URI is needed", where=client_id)
    _check(client_id=client_id, scope=scope)
    for uri in (*redirect_uris, *post_logout_redirect_uris):
        _check_uri(uri)
    secret = "" if is_public else new_secret()
    with database.transaction("default"):
        client = _saved(client_id, name, scope=scope, secret=secret)
        client.require_consent = asks_consent
        client.redirect_uris = redirect_uris
        client.post_logout_redirect_uris = post_logout_redirect_uris
        client.save()
        client.response_types.set(ResponseType.objects.filter(value="code"))
    return Registered(client_id=client_id, secret=secret)


def register_service(
    *, client_id: str, name: str, scope: Sequence[str] = (SERVICE_SCOPE,)
) -> Registered:
    """A service that calls others by its own secret; nobody can sign in by it."""
    _check(client_id=client_id, scope=scope)
    secret = new_secret()
    with database.transaction("default"):
        client = _saved(client_id, name, scope=scope, secret=secret)
        client.redirect_uris = client.post_logout_redirect_uris = []
        client.save()
        client.response_types.clear()
    return Registered(client_id=client_id, secret=secret)


def renew_secret(client_id: str) -> Registered:
    """A new secret; the old one is void at once."""
    secret = new_secret()
    found = Client.objects.filter(client_id=client_id, client_type="confidential")
    if not found.update(client_secret=hashed_client_secret(secret)):
        raise ClientRefused("no confidential client has this id", where=client_id)
    return Registered(client_id=client_id, secret=secret)


def remove(client_id: str) -> int:
    """Ends its sign-ins and forgets the client; gives how many sign-ins ended."""
    with database.transaction("default"):
        client = Client.objects.filter(client_id=client_id).first()
        if client is None:
            raise ClientRefused("no client has this id", where=client_id)
        ended = end_grants(Grant.objects.filter(client=client), by="client removed")
        client.delete()
    return ended


def _saved(client_id: str, name: str, *, scope: Sequence[str], secret: str) -> Client:
    client = Client.objects.filter(client_id=client_id).first() or Client(client_id=client_id)
    client.name = name
    client.client_type = "confidential" if secret else "public"
    client.client_secret = hashed_client_secret(secret) if secret else ""
    client.jwt_alg = "RS256"
    client.scope = scope
    client.save()
    return client


def _check(*, client_id: str, scope: Sequence[str]) -> None:
    if not _CLIENT_ID.fullmatch(client_id):
        raise ClientRefused(
            "an id has 3 to 100 small letters, digits, - _ or . and starts with a letter",
            where=client_id,
        )
    if not scope or not all(_SCOPE.fullmatch(name) for name in scope):
        raise ClientRefused("a scope is one or more words without blanks", where=client_id)


def _check_uri(uri: str) -> None:
    """https, or http on this machine; exact, so without wildcard or fragment."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError as error:
        raise ClientRefused("this is no address", where=uri) from error
    is_local = parts.scheme == "http" and host in [name.strip("[]") for name in _LOOPBACK]
    if parts.scheme != "https" and not is_local:
        raise ClientRefused("an address is https (http on localhost only)", where=uri)
    if not host or parts.fragment or "#" in uri or "*" in uri or "@" in parts.netloc:
        raise ClientRefused("an address has a host and no fragment, user or *", where=uri)
    if not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        raise ClientRefused("an address has plain printable characters", where=uri)
