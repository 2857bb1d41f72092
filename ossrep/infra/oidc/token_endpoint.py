"""The token and revocation endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oidc_provider.models import Client

from ossrep.infra import database
from ossrep.infra.auth.revocation import revoke
from ossrep.infra.oidc import grants, tokens
from ossrep.infra.oidc.answers import secret_json, unkept
from ossrep.infra.oidc.client_auth import ClientRefused, RequestRefused, authenticated_client
from ossrep.infra.oidc.issuer import ACCESS_TOKEN_LIFE, issuer
from ossrep.infra.oidc.models import Grant, RefreshToken
from ossrep.infra.oidc.secret_forms import digest
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError


class GrantNotSupported(DomainError):
    """A grant type that this provider has not."""

    code = "unsupported_grant_type"


class ClientNotAllowed(DomainError):
    """A grant type that this client may not use."""

    code = "unauthorized_client"


class ScopeNotAllowed(DomainError):
    """A scope that the client is not registered for."""

    code = "invalid_scope"


@method_decorator(csrf_exempt, name="dispatch")
class _ClientView(View):
    """POST by an authenticated client; refusals are OAuth's error objects."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """The answer or the refusal."""
        try:
            client = authenticated_client(request)
            return self.answer(client, {name: str(text) for name, text in request.POST.items()})
        except ClientRefused as refusal:
            response = _refusal(refusal, status=401)
            response["WWW-Authenticate"] = 'Basic realm="ossrep"'
            return response
        except (
            RequestRefused,
            GrantNotSupported,
            ClientNotAllowed,
            ScopeNotAllowed,
            grants.GrantRefused,
        ) as refusal:
            return _refusal(refusal, status=400)

    def answer(self, client: Client, fields: Mapping[str, str]) -> HttpResponse:
        """What an authenticated client gets."""
        raise NotImplementedError


def _refusal(refusal: DomainError, *, status: int) -> HttpResponse:
    return secret_json({"error": refusal.code, "error_description": refusal.message}, status=status)


class TokenView(_ClientView):
    """Codes, refresh tokens and service credentials into tokens."""

    def answer(self, client: Client, fields: Mapping[str, str]) -> HttpResponse:
        """Tokens by grant type."""
        answers: dict[str, Callable[[Client, Mapping[str, str]], dict[str, Any]]] = {
            "authorization_code": _by_code,
            "refresh_token": _by_refresh_token,
            "client_credentials": _by_credentials,
        }
        answer = answers.get(fields.get("grant_type", ""))
        if answer is None:
            raise GrantNotSupported("this grant type is not supported")
        return secret_json(answer(client, fields))


def _by_code(client: Client, fields: Mapping[str, str]) -> dict[str, Any]:
    renewed = grants.exchange_code(
        client=client,
        code=fields.get("code", ""),
        redirect_uri=fields.get("redirect_uri", ""),
        verifier=fields.get("code_verifier", ""),
    )
    return _tokens_of(renewed)


def _by_refresh_token(client: Client, fields: Mapping[str, str]) -> dict[str, Any]:
    renewed = grants.refresh(
        client=client,
        token=fields.get("refresh_token", ""),
        scope=fields.get("scope", "").split(),
    )
    return _tokens_of(renewed)


def _tokens_of(renewed: grants.Renewed) -> dict[str, Any]:
    access_token = tokens.access_token(grant=renewed.grant, scope=renewed.scope)
    body = _body(access_token, renewed.scope) | {"refresh_token": renewed.refresh_token}
    if "openid" in renewed.scope:
        body["id_token"] = tokens.id_token(
            grant=renewed.grant, scope=renewed.scope, beside=access_token, nonce=renewed.nonce
        )
    return body


def _by_credentials(client: Client, fields: Mapping[str, str]) -> dict[str, Any]:
    # A client where people sign in is nobody by itself.
    if client.client_type != "confidential" or list(client.response_type_values()):
        raise ClientNotAllowed("this client may not use client_credentials")
    scope = fields.get("scope", "").split() or client.scope
    if not scope or set(scope) - set(client.scope):
        raise ScopeNotAllowed("the client may not ask for this scope")
    return _body(tokens.service_token(client=client, scope=scope), scope)


def _body(access_token: str, scope: Sequence[str]) -> dict[str, Any]:
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
        "scope": " ".join(scope),
    }


class RevocationView(_ClientView):
    """RFC 7009: ends what a token belongs to; a token that is nothing answers the same."""

    def answer(self, client: Client, fields: Mapping[str, str]) -> HttpResponse:
        """200 with nothing in it."""
        raw = fields.get("token", "")
        if not raw:
            raise RequestRefused("token is missing")
        kept = RefreshToken.objects.filter(token_hash=digest(raw), grant__client=client).first()
        if kept is not None:
            grants.end_grants(Grant.objects.filter(pk=kept.grant_id), by="revoked by its client")
        else:
            _revoke_access(client, raw)
        return unkept(HttpResponse(status=200))


def _revoke_access(client: Client, raw: str) -> None:
    claims = tokens.read_access_token(raw, may_be_over=True)
    if claims is None or claims.get("client_id") != client.client_id:
        return
    with database.transaction("default"):
        revoke(
            issuer=issuer(),
            expires_at=clock.now() + 2 * ACCESS_TOKEN_LIFE,
            token_ids=[str(claims["jti"])],
        )
