"""Access that has ended before its tokens did: token ids and sessions, read every two seconds."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Collection
from functools import lru_cache

from ossrep.infra.auth.principal import Principal
from ossrep.infra.models import RevokedAccess
from ossrep.kernel import clock

# Well below the five seconds after which ended access must be over.
READ_EVERY_SECONDS = 2.0


def revoke(
    *,
    issuer: str,
    expires_at: dt.datetime,
    token_ids: Collection[str] = (),
    session_ids: Collection[str] = (),
) -> None:
    """Ends access by token id (``jti``) and session (``sid``); twice is the same as once.

    ``expires_at``: from when on no token with these ids can be in force any more; kept till then.
    """
    marks = [("token", value) for value in token_ids] + [("session", v) for v in session_ids]
    RevokedAccess.objects.bulk_create(
        [
            RevokedAccess(issuer=issuer, kind=kind, value=value, expires_at=expires_at)
            for kind, value in marks
            if value
        ],
        update_conflicts=True,
        unique_fields=["issuer", "kind", "value"],
        update_fields=["expires_at"],
    )


def prune(*, as_of: dt.datetime) -> int:
    """Deletes what cannot matter any more; gives how many rows."""
    gone, _ = RevokedAccess.objects.filter(expires_at__lt=as_of - dt.timedelta(hours=1)).delete()
    return gone


class RevokedSet:
    """The marks in force, read from the database at most ``READ_EVERY_SECONDS`` ago."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._marks: frozenset[tuple[str, str, str]] = frozenset()
        self._read_at = float("-inf")

    def covers(self, principal: Principal) -> bool:
        """True when the principal's token or session was revoked."""
        if self._monotonic() - self._read_at > READ_EVERY_SECONDS:
            self._read()
        marks = self._marks
        return (principal.issuer, "token", principal.token_id) in marks or (
            principal.issuer,
            "session",
            principal.session_id,
        ) in marks

    def _read(self) -> None:
        with self._lock:
            started_at = self._monotonic()
            if started_at - self._read_at <= READ_EVERY_SECONDS:
                return
            rows = RevokedAccess.objects.filter(expires_at__gte=clock.now() - dt.timedelta(hours=1))
            self._marks = frozenset(rows.values_list("issuer", "kind", "value"))
            self._read_at = started_at


@lru_cache(maxsize=1)
def revoked() -> RevokedSet:
    """The process's set."""
    return RevokedSet()
