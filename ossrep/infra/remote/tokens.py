"""The access token that this process calls others with: client credentials, kept until it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from ossrep.infra.remote.errors import CallRefused, ServiceUnavailable

# Renewed so long before its end that no call is under way with a token that has ended.
EARLY_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceClient:
    """Who we are at the issuer."""

    token_url: str
    client_id: str
    secret: str
    scope: str = ""


class ServiceTokens:
    """One token for all threads of a process; asked for anew shortly before its end."""

    def __init__(
        self,
        *,
        client: ServiceClient,
        http: httpx.Client,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._http = http
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = float("-inf")

    def get(self) -> str:
        """A token. Raises CallRefused when the issuer gives none, ServiceUnavailable when away."""
        with self._lock:
            if self._monotonic() >= self._good_until:
                self._renew()
            return self._token

    def forget(self, token: str) -> None:
        """The token was not taken: the next call asks for another."""
        with self._lock:
            if token == self._token:
                self._good_until = float("-inf")

    def _renew(self) -> None:
        fields = {"grant_type": "client_credentials"}
        if self._client.scope:
            fields["scope"] = self._client.scope
        asked_at = self._monotonic()
        try:
            answer = self._http.post(
                self._client.token_url,
                data=fields,
                auth=(self._client.client_id, self._client.secret),
            )
        except httpx.HTTPError as error:
            raise ServiceUnavailable(f"{self._client.token_url}: {error}") from error
        if answer.status_code >= 500:
            raise ServiceUnavailable(f"{self._client.token_url}: status {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise CallRefused(
                f"the issuer gives no token (status {answer.status_code}): see "
                "OSSREP_SERVICE_CLIENT_ID and OSSREP_SERVICE_CLIENT_SECRET",
                where=self._client.token_url,
            )
        body = answer.json()
        life = float(body.get("expires_in", 60))
        self._token = str(body["access_token"])
        self._good_until = asked_at + max(life - EARLY_SECONDS, life / 2)
