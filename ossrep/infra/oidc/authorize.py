"""The authorization endpoint: who asks, is it allowed, who is signed in; then a code."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views import View
from oidc_provider.lib.endpoints.authorize import AuthorizeEndpoint
from oidc_provider.lib.errors import AuthorizeError, ClientIdError, RedirectUriError
from oidc_provider.models import Client

from ossrep.infra.oidc import browser
from ossrep.infra.oidc.answers import page, redirect, with_query
from ossrep.infra.oidc.grants import issue_code
from ossrep.kernel import clock

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_FIELD_LENGTH_MAX = 255
# A person needs a moment from the sign-in back to the request that asked for it.
_FRESH = dt.timedelta(seconds=10)
_ERRORS = {
    "invalid_request": "The request is malformed: PKCE with S256 is required",
    "unsupported_response_type": "Only response_type=code is supported",
    "invalid_scope": "The client may not ask for this scope",
    "login_required": "Nobody is signed in",
    "consent_required": "The user has to agree first",
    "access_denied": "The user did not agree",
    "request_not_supported": "The parameter request is not supported",
    "request_uri_not_supported": "The parameter request_uri is not supported",
}


class StrictAuthorizeEndpoint(AuthorizeEndpoint):
    """The library's reading of a request, with rules that no client is exempt from."""

    def validate_params(self) -> None:
        """Raises ClientIdError or RedirectUriError (shown here), AuthorizeError (sent back)."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        for name, error in (("client_id", ClientIdError), ("redirect_uri", RedirectUriError)):
            # The library mends a client_id; one that needs mending is no one's.
            if sent.getlist(name) != [self.params[name]]:
                raise error()
        if self.params["response_type"] != "code":
            # The library's own checks of other types say something else each; they never apply.
            self.grant_type = ""
        super().validate_params()  # type: ignore[no-untyped-call]
        if any(len(values) > 1 for _, values in sent.lists()):
            raise self.error("invalid_request")
        if "request_uri" in sent:
            raise self.error("request_uri_not_supported")
        if "code" not in self.client.response_type_values():
            raise self.error("unsupported_response_type")
        self._check_pkce()
        if not self.params["scope"] or set(self.params["scope"]) - set(self.client.scope):
            raise self.error("invalid_scope")
        self._check_prompt()
        nonce = self.params["nonce"]
        if len(nonce) > _FIELD_LENGTH_MAX or "\0" in nonce:
            raise self.error("invalid_request")

    def _check_pkce(self) -> None:
        method, challenge = self.params["code_challenge_method"], self.params["code_challenge"]
        if method != "S256" or not _CHALLENGE.fullmatch(challenge):
            raise self.error("invalid_request")

    def _check_prompt(self) -> None:
        prompt, max_age = self.params["prompt"], self.params["max_age"]
        if "none" in prompt and len(prompt) > 1:
            raise self.error("invalid_request")
        if max_age and not re.fullmatch(r"[0-9]{1,9}", max_age):
            raise self.error("invalid_request")

    def error(self, code: str) -> AuthorizeError:
        """An error that goes back to the client."""
        return AuthorizeError(self.params["redirect_uri"], code, "authorization_code")

    def is_signed_in(self) -> bool:
        """True when a user is, and did so no longer ago than the client accepts."""
        user = self.request.user
        if not user.is_authenticated or not user.is_active:
            return False
        if not self.params["max_age"]:
            return True
        longest = max(dt.timedelta(seconds=int(self.params["max_age"])), _FRESH)
        return browser.signed_in_at(self.request) >= clock.now() - longest

    def create_response_uri(self) -> str:
        """The client's address with a code."""
        code = issue_code(
            client=self.client,
            user=self.request.user,
            browser=browser.mark(self.request),
            redirect_uri=self.params["redirect_uri"],
            scope=self.params["scope"],
            nonce=self.params["nonce"],
            code_challenge=self.params["code_challenge"],
            auth_time=browser.signed_in_at(self.request),
        )
        return self.uri_with({"code": code})

    def uri_with(self, fields: dict[str, str]) -> str:
        """The client's address with the fields and its own ``state``."""
        state = {"state": self.params["state"]} if self.params["state"] else {}
        return with_query(self.params["redirect_uri"], {**fields, **state})


class AuthorizeView(View):
    """GET starts or goes on; POST is the answer of the consent page."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One place for all refusals."""
        if request.method not in ("GET", "POST"):
            return self.http_method_not_allowed(request)
        endpoint = StrictAuthorizeEndpoint(request)
        try:
            endpoint.validate_params()
            answer = self._consented if request.method == "POST" else self._answer
            return answer(endpoint)
        except (ClientIdError, RedirectUriError) as error:
            told = {"description": error.description}
            return page(request, "oidc/error.html", told, status=400)
        except AuthorizeError as error:
            told = {"error": error.error, "error_description": _ERRORS.get(error.error, "")}
            return redirect(endpoint.uri_with({name: text for name, text in told.items() if text}))

    def _answer(self, endpoint: StrictAuthorizeEndpoint) -> HttpResponse:
        prompt = endpoint.params["prompt"]
        if not endpoint.is_signed_in() or prompt & {"login", "select_account"}:
            if "none" in prompt:
                raise endpoint.error("login_required")
            return redirect(_sign_in_address(endpoint))
        if endpoint.client.require_consent or "consent" in prompt:
            is_known = "consent" not in prompt and endpoint.client_has_user_consent()
            if not (is_known and endpoint.client.reuse_consent):
                if "none" in prompt:
                    raise endpoint.error("consent_required")
                return _consent_page(endpoint)
        return redirect(endpoint.create_response_uri())

    def _consented(self, endpoint: StrictAuthorizeEndpoint) -> HttpResponse:
        if not endpoint.is_signed_in():
            return redirect(_sign_in_address(endpoint))
        if "allow" not in self.request.POST:
            raise endpoint.error("access_denied")
        endpoint.set_client_user_consent()
        return redirect(endpoint.create_response_uri())


def _request_fields(endpoint: StrictAuthorizeEndpoint) -> dict[str, str]:
    names = (
        "client_id",
        "redirect_uri",
        "response_type",
        "state",
        "nonce",
        "max_age",
        "code_challenge",
        "code_challenge_method",
    )
    fields = {name: endpoint.params[name] for name in names if endpoint.params[name]}
    return {**fields, "scope": " ".join(endpoint.params["scope"])}


def _sign_in_address(endpoint: StrictAuthorizeEndpoint) -> str:
    """The sign-in page, then the same request, which by then wants a fresh sign-in."""
    fields = _request_fields(endpoint)
    prompt = endpoint.params["prompt"]
    if prompt & {"login", "select_account"}:
        fields["max_age"] = "0"
    if "consent" in prompt:
        fields["prompt"] = "consent"
    after = f"{reverse('oidc-authorize')}?{urlencode(fields)}"
    return f"{reverse('oidc-login')}?{urlencode({'next': after})}"


def _consent_page(endpoint: StrictAuthorizeEndpoint) -> HttpResponse:
    told = {
        "client": endpoint.client,
        "fields": _request_fields(endpoint),
        "scopes": [scope for scope in endpoint.params["scope"] if scope != "openid"],
    }
    return page(
        endpoint.request, "oidc/consent.html", told, leads_to=endpoint.params["redirect_uri"]
    )


def client_address_in(path: str) -> str:
    """Where an authorization request (as path with query) leads, if its client may lead there."""
    target, _, query = path.partition("?")
    if target != reverse("oidc-authorize"):
        return ""
    fields = QueryDict(query)
    client_id = fields.get("client_id", "").replace("\0", "")
    client = Client.objects.filter(client_id=client_id).first()
    uri = fields.get("redirect_uri", "")
    return uri if client is not None and uri in client.redirect_uris else ""
