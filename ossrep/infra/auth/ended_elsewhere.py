"""Access that was ended in another process: asked of it, since each has a database of its own.

Access ends where ``customer`` runs: logins close there, the embedded provider stands there, and
issuers tell it of logouts. A process without ``customer`` asks that one, as a service.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpx
from django.conf import settings

from ossrep.infra.auth.keys import CannotVerify
from ossrep.infra.remote.errors import CallRefused, ServiceUnavailable
from ossrep.infra.remote.tokens import ServiceClient, ServiceTokens
from ossrep.infra.services import is_address

PATH = "/api/v1/ended-access"
# With the pause between two questions well below the five seconds that access may outlive its end.
SILENCE_SECONDS_MAX = 4.0
_TIMEOUT_SECONDS = 1.5


class EndedAccessUnknown(CannotVerify):
    """The process where access ends was not heard for seconds: any token may have ended."""

    code = "ended_access_unknown"


@dataclass(frozen=True, slots=True)
class Ended:
    """Access that has ended, by ``kind`` (token, session, subject); till when it matters."""

    issuer: str
    kind: str
    value: str
    recorded_at: dt.datetime
    expires_at: dt.datetime


class EndedElsewhere:
    """What the other process has ended; asks for all at first, then for what is new."""

    def __init__(
        self,
        *,
        base_url: str,
        http: httpx.Client,
        tokens: ServiceTokens,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}{PATH}"
        self._http = http
        self._tokens = tokens
        self._monotonic = monotonic
        self._heard_at = float("-inf")
        self._since = ""
        self._why = "it was not asked yet"

    def ask(self) -> Iterable[Ended]:
        """What has ended since the last answer; nothing where none comes: see ``check``."""
        asked_at = self._monotonic()
        token = ""
        try:
            token = self._tokens.get()
            answer = self._http.get(
                self._url,
                params={"since": self._since} if self._since else {},
                headers={"Authorization": f"Bearer {token}"},
            )
            answer.raise_for_status()
            body = json.loads(answer.content)
            found = [_read(item) for item in body["items"]]
            self._since = str(body["asOf"])
        except (httpx.HTTPError, ServiceUnavailable, CallRefused, ValueError, KeyError) as error:
            self._tokens.forget(token)
            self._why = f"{self._url}: {error}"
            return []
        self._heard_at = asked_at
        return found

    def check(self) -> None:
        """Raises EndedAccessUnknown where the last answer is too old to go by."""
        if self._monotonic() - self._heard_at > SILENCE_SECONDS_MAX:
            raise EndedAccessUnknown(f"whether access was ended cannot be told: {self._why}")


def _read(item: dict[str, str]) -> Ended:
    return Ended(
        issuer=item["issuer"],
        kind=item["kind"],
        value=item["value"],
        recorded_at=dt.datetime.fromisoformat(item["recordedAt"]),
        expires_at=dt.datetime.fromisoformat(item["expiresAt"]),
    )


def configured() -> EndedElsewhere | None:
    """The process that ``OSSREP_SERVICES`` names for ``customer``; None where that is this one."""
    address = settings.OSSREP_SERVICES.get("customer", "")
    if not is_address(address):
        return None
    http = httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False)
    client = ServiceClient(
        token_url=settings.OSSREP_SERVICE_TOKEN_URL,
        client_id=settings.OSSREP_SERVICE_CLIENT_ID,
        secret=settings.OSSREP_SERVICE_CLIENT_SECRET,
        scope=settings.OSSREP_SERVICE_SCOPE,
    )
    return EndedElsewhere(
        base_url=address, http=http, tokens=ServiceTokens(client=client, http=http)
    )
