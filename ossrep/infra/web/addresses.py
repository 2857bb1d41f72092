"""Where a request comes from, and whether the internal surface is open to it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve

from ossrep.infra.web.problems import MEDIA_TYPE

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
EXTERNAL_ROUTES = "config.urls_external"


@lru_cache(maxsize=16)
def _networks(texts: tuple[str, ...]) -> Sequence[Network]:
    return tuple(ipaddress.ip_network(text) for text in texts)


def _is_in(address: Address, texts: Sequence[str]) -> bool:
    return any(address in network for network in _networks(tuple(texts)))


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def client_address(request: HttpRequest) -> Address | None:
    """The caller's address; None when it cannot be told.

    ``X-Forwarded-For`` counts only from our own proxies, read from the right: what stands left of
    the first foreign address was written by the caller.
    """
    peer = _parsed(request.META.get("REMOTE_ADDR", ""))
    if peer is None or not _is_in(peer, settings.OSSREP_TRUSTED_PROXIES):
        return peer
    for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not text.strip():
            continue
        hop = _parsed(text)
        if hop is None or not _is_in(hop, settings.OSSREP_TRUSTED_PROXIES):
            return hop
        peer = hop
    return peer


class InternalAddressMiddleware:
    """Answers internal routes to the addresses of ``OSSREP_INTERNAL_ADDRESSES`` only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing before the route is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Sequence[Any], kwargs: Any
    ) -> HttpResponse | None:
        """A 403 problem for a foreign address on an internal route."""
        if is_external(request.path_info):
            return None
        address = client_address(request)
        if address is not None and _is_in(address, settings.OSSREP_INTERNAL_ADDRESSES):
            return None
        code = "address_not_allowed"
        body = {
            "type": f"urn:ossrep:problem:{code}",
            "title": "Forbidden",
            "status": 403,
            "code": code,
            "detail": "This address may not call the internal surface.",
        }
        return JsonResponse(body, status=403, content_type=MEDIA_TYPE)


def is_external(path: str) -> bool:
    """True when the external surface has a route for the path."""
    if settings.ROOT_URLCONF == EXTERNAL_ROUTES:
        # Django has found it there before it asks.
        return True
    try:
        resolve(path, urlconf=EXTERNAL_ROUTES)
    except Resolver404:
        return False
    return True
