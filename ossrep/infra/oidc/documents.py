"""What others read about the provider and its users: discovery, keys, userinfo."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ossrep.infra.oidc import keys, tokens
from ossrep.infra.oidc.answers import secret_json, unkept
from ossrep.infra.oidc.issuer import SCOPES, address_of, issuer

KEYS_KEPT_SECONDS = 60


class DiscoveryView(View):
    """The provider's metadata: what is there, and nothing else."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """The document."""
        return JsonResponse(
            {
                "issuer": issuer(),
                "authorization_endpoint": address_of("authorize"),
                "token_endpoint": address_of("token"),
                "userinfo_endpoint": address_of("userinfo"),
                "jwks_uri": address_of("jwks"),
                "revocation_endpoint": address_of("revoke"),
                "end_session_endpoint": address_of("end-session"),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": [
                    "authorization_code",
                    "refresh_token",
                    "client_credentials",
                ],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": list(SCOPES),
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [keys.ALGORITHM],
                "token_endpoint_auth_methods_supported": _METHODS,
                "revocation_endpoint_auth_methods_supported": _METHODS,
                "claims_supported": _CLAIMS,
                "prompt_values_supported": ["none", "login", "consent", "select_account"],
                "claims_parameter_supported": False,
                "request_parameter_supported": False,
                "request_uri_parameter_supported": False,
            }
        )


_METHODS = ["none", "client_secret_basic", "client_secret_post"]
_CLAIMS = [
    *("iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce", "at_hash", "sid"),
    *("name", "preferred_username", "given_name", "family_name"),
    *("email", "email_verified"),
]


class KeysView(View):
    """The JWKS."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Public keys, to be read again soon."""
        response = JsonResponse(keys.public_keys())
        response["Cache-Control"] = f"public, max-age={KEYS_KEPT_SECONDS}"
        return response


@method_decorator(csrf_exempt, name="dispatch")
class UserinfoView(View):
    """The claims of the access token's user."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Claims by scope; the token is taken from the header only."""
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        claims = tokens.read_access_token(raw.strip()) if scheme.lower() == "bearer" else None
        user = _user_of(str(claims["sub"])) if claims else None
        if claims is None or user is None:
            return _refused("invalid_token", status=401)
        scope = str(claims.get("scope", "")).split()
        if "openid" not in scope:
            return _refused("insufficient_scope", status=403)
        return secret_json({"sub": str(user.pk), **tokens.claims_of(user, scope=scope)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """As GET."""
        return self.get(request)


def _user_of(subject: str) -> User | None:
    if not subject.isascii() or not subject.isdigit():
        return None
    return User.objects.filter(pk=int(subject), is_active=True).first()


def _refused(error: str, *, status: int) -> HttpResponse:
    response = unkept(HttpResponse(status=status))
    response["WWW-Authenticate"] = f'Bearer realm="ossrep", error="{error}"'
    return response
