"""Access that has ended before its tokens did: token ids, sessions, all of a subject till now.

Every process reads the set anew every two seconds.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Collection, Mapping
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
    subjects: Collection[str] = (),
) -> None:
    """Ends access by token id (``jti``), session (``sid``) and subject; twice is as once.

    A subject's tokens end that were issued until now; later ones are in force.
    ``expires_at``: from when on no token that is meant can be in force any more; kept till then.
    """
    kinds = {"token": token_ids, "session": session_ids, "subject": subjects}
    now = clock.now()
    RevokedAccess.objects.bulk_create(
        [
            RevokedAccess(
                issuer=issuer, kind=kind, value=value, recorded_at=now, expires_at=expires_at
            )
            for kind, values in kinds.items()
            for value in values
            if value
        ],
        update_conflicts=True,
        unique_fields=["issuer", "kind", "value"],
        update_fields=["expires_at", "recorded_at"],
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
        self._subjects: Mapping[tuple[str, str], float] = {}
        self._read_at = float("-inf")

    def covers(self, principal: Principal) -> bool:
        """True when the principal's token, session or subject was revoked."""
        if self._monotonic() - self._read_at > READ_EVERY_SECONDS:
            self._read()
        marks, issuer = self._marks, principal.issuer
        if (issuer, "token", principal.token_id) in marks:
            return True
        if (issuer, "session", principal.session_id) in marks:
            return True
        ended_at = self._subjects.get((issuer, principal.subject))
        return ended_at is not None and principal.issued_at <= ended_at

    def _read(self) -> None:
        with self._lock:
            started_at = self._monotonic()
            if started_at - self._read_at <= READ_EVERY_SECONDS:
                return
            rows = RevokedAccess.objects.filter(expires_at__gte=clock.now() - dt.timedelta(hours=1))
            found = list(
                rows.exclude(kind="logout").values_list("issuer", "kind", "value", "recorded_at")
            )
            self._subjects = {
                (issuer, value): recorded_at.timestamp()
                for issuer, kind, value, recorded_at in found
                if kind == "subject"
            }
            self._marks = frozenset(row[:3] for row in found if row[1] != "subject")
            self._read_at = started_at


@lru_cache(maxsize=1)
def revoked() -> RevokedSet:
    """The process's set."""
    return RevokedSet()
