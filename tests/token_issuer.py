"""An issuer of access tokens with real keys and a real address for them, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ossrep.kernel import clock

ISSUER = "https://issuer.example"
AUDIENCE = "ossrep-api"


class TokenIssuer:
    """Signs tokens and serves its public keys; ``fetches`` counts who asked for them."""

    def __init__(self) -> None:
        self.rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec_key = ec.generate_private_key(ec.SECP256R1())
        self.keys: dict[str, Any] = {"rsa-1": self.rsa_key, "ec-1": self.ec_key}
        self.fetches = 0
        self.status = 200
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetches += 1
                body = json.dumps(issuer.jwks()).encode()
                self.send_response(issuer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def jwks_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/jwks.json"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def entry(self, **fields: Any) -> dict[str, Any]:
        """Its entry in OSSREP_ISSUERS."""
        return {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks_url": self.jwks_url,
            "algorithms": ["RS256", "ES256"],
            "roles": ["customer", "csr", "billing", "market", "product", "admin", "service"],
            "rights": {
                "centerpoint-service-point-admin": "service-point:admin",
                "centerpoint-service-point-user": "service-point:user",
            },
            **fields,
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [_public(kid, key) for kid, key in self.keys.items()]}

    def claims(self, *, roles: list[str] | None = None, **claims: Any) -> dict[str, Any]:
        """Claims of a good token; ``None`` takes one away."""
        now = int(clock.now().timestamp())
        found = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "subject-1",
            "azp": "ossrep-customer-portal",
            "iat": now,
            "exp": now + 300,
            "jti": "token-1",
            "sid": "session-1",
            "realm_access": {"roles": roles if roles is not None else ["customer"]},
            **claims,
        }
        return {name: value for name, value in found.items() if value is not None}

    def token(
        self,
        *,
        kid: str = "rsa-1",
        headers: Mapping[str, Any] | None = None,
        roles: list[str] | None = None,
        **claims: Any,
    ) -> str:
        """A signed token; ``headers`` and ``claims`` replace those of a good one."""
        key = self.keys[kid]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(
            self.claims(roles=roles, **claims),
            key,
            algorithm=algorithm,
            headers={"typ": "at+jwt", "kid": kid, **(headers or {})},
        )


def _public(kid: str, key: Any) -> dict[str, Any]:
    algorithm: Any = jwt.algorithms.RSAAlgorithm
    name = "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm, name = jwt.algorithms.ECAlgorithm, "ES256"
    found = algorithm.to_jwk(key.public_key(), as_dict=True)
    return {**found, "kid": kid, "use": "sig", "alg": name}
