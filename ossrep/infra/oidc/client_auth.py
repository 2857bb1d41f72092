"""Which client calls the token and revocation endpoints, and whether it is that client."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from django.http import HttpRequest
from oidc_provider.models import Client

from ossrep.infra.oidc.secret_forms import is_client_secret
from ossrep.kernel.errors import DomainError


class ClientRefused(DomainError):
    """No such client, or not its secret; the two answer alike."""

    code = "invalid_client"


class RequestRefused(DomainError):
    """A request that no client should make."""

    code = "invalid_request"


def authenticated_client(request: HttpRequest) -> Client:
    """The client. Raises ClientRefused or RequestRefused.

    A confidential client proves its secret, by Basic or in the body; a public one sends none.
    """
    if request.GET:
        raise RequestRefused("nothing may stand in the address")
    if any(len(values) > 1 for _, values in request.POST.lists()):
        raise RequestRefused("a parameter is given twice")
    client_id, secret = _credentials(request)
    client = Client.objects.filter(client_id=client_id).first() if client_id else None
    if client is None:
        raise ClientRefused("unknown client or wrong secret")
    if client.client_type == "confidential":
        if not is_client_secret(secret, kept=client.client_secret):
            raise ClientRefused("unknown client or wrong secret")
    elif secret:
        raise ClientRefused("unknown client or wrong secret")
    return client


def _credentials(request: HttpRequest) -> tuple[str, str]:
    posted = request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        found = posted
    elif posted[1]:
        raise RequestRefused("the secret is sent twice")
    else:
        found = _basic(encoded)
        if posted[0] and posted[0] != found[0]:
            raise RequestRefused("two clients are named")
    if "\0" in found[0]:
        raise ClientRefused("unknown client or wrong secret")
    return found


def _basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ClientRefused("unknown client or wrong secret") from error
    return unquote_plus(client_id), unquote_plus(secret)
