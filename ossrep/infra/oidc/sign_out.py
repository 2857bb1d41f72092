"""RP-initiated logout: at once for a hint that we signed, else after a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oidc_provider.models import Client

from ossrep.infra.oidc import browser, tokens
from ossrep.infra.oidc.answers import page, redirect, with_query
from ossrep.infra.oidc.grants import end_browser, end_grants
from ossrep.infra.oidc.models import Grant


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a logout request asks for, as far as it can be believed."""

    claims: Mapping[str, Any] | None
    client: Client | None
    leads_to: str
    fields: Mapping[str, str]


def _read(fields: QueryDict) -> _Asked:
    hint = fields.get("id_token_hint", "")
    client_id = fields.get("client_id", "")
    claims = tokens.read_id_token_hint(hint) if hint else None
    if claims is not None and client_id and claims["aud"] != client_id:
        claims = None
    named = str(claims["aud"]) if claims else client_id
    # A hint that is not ours makes the whole request one of nobody.
    is_forged = bool(hint) and claims is None
    is_nameable = bool(named) and "\0" not in named and not is_forged
    client = Client.objects.filter(client_id=named).first() if is_nameable else None
    uri = fields.get("post_logout_redirect_uri", "")
    is_registered = client is not None and bool(uri) and uri in client.post_logout_redirect_uris
    state = fields.get("state", "")
    leads_to = with_query(uri, {"state": state} if state else {}) if is_registered else ""
    kept = {
        "client_id": named if client else "",
        "post_logout_redirect_uri": uri if leads_to else "",
        "state": state if leads_to else "",
    }
    return _Asked(claims, client, leads_to, {name: text for name, text in kept.items() if text})


@method_decorator(csrf_exempt, name="dispatch")
class EndSessionView(View):
    """Where a client sends its user to sign out."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Signs out, or asks the user whether that is meant."""
        return self._answer(request, request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        """As GET."""
        return self._answer(request, request.POST)

    def _answer(self, request: HttpRequest, fields: QueryDict) -> HttpResponse:
        asked = _read(fields)
        if asked.claims is not None:
            user = request.user
            if not user.is_authenticated or str(user.pk) == asked.claims["sub"]:
                _end(request, asked.claims)
                return _done(request, asked)
        if not request.user.is_authenticated:
            # Nobody is signed in, and nobody said who should be: no address is followed.
            return page(request, "oidc/signed_out.html")
        told = {"fields": asked.fields, "client": asked.client}
        return page(request, "oidc/sign_out.html", told, leads_to=asked.leads_to)


class ConfirmedEndSessionView(View):
    """The answer to the question."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Signs out, or goes back to nothing."""
        if "stay" in request.POST:
            return page(request, "oidc/signed_out.html", {"stays": True})
        logout(request)
        return _done(request, _read(request.POST))


def _end(request: HttpRequest, claims: Mapping[str, Any]) -> None:
    sid = str(claims.get("sid", ""))
    for grant in Grant.objects.filter(sid=sid):
        # The sign-in that the hint is of, whichever browser brings it.
        end_grants(Grant.objects.filter(pk=grant.pk), by="signed out by its client")
        if browser.known_mark(request) == grant.browser:
            end_browser(grant.browser, by="signed out")
    logout(request)


def _done(request: HttpRequest, asked: _Asked) -> HttpResponse:
    if asked.leads_to:
        return redirect(asked.leads_to)
    return page(request, "oidc/signed_out.html", {"client": asked.client})
