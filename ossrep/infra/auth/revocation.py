"""Access that has ended before its tokens did: token ids, sessions, all of a subject till now.

Every process reads the set anew every two seconds, and asks for what has ended elsewhere.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

from ossrep.infra.auth import ended_elsewhere
from ossrep.infra.auth.ended_elsewhere import Ended, EndedElsewhere
from ossrep.infra.auth.principal import Principal
from ossrep.infra.models import RevokedAccess
from ossrep.kernel import clock

# Well below the five seconds after which ended access must be over.
READ_EVERY_SECONDS = 2.0
# Clocks differ; a token is taken for half a minute after its end.
_KEPT_AFTER = dt.timedelta(hours=1)


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
    gone, _ = RevokedAccess.objects.filter(expires_at__lt=as_of - _KEPT_AFTER).delete()
    return gone


def list_in_force(*, since: dt.datetime | None = None) -> list[Ended]:
    """What has ended and can still matter; ``since``: only what was recorded from then on."""
    rows = RevokedAccess.objects.filter(expires_at__gte=clock.now() - _KEPT_AFTER)
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    fields = ("issuer", "kind", "value", "recorded_at", "expires_at")
    return [Ended(*row) for row in rows.exclude(kind="logout").values_list(*fields)]


class RevokedSet:
    """The marks in force, read from the database at most ``READ_EVERY_SECONDS`` ago."""

    def __init__(
        self,
        *,
        elsewhere: EndedElsewhere | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._elsewhere = elsewhere
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._ended_at: Mapping[tuple[str, str, str], float] = {}
        self._there: dict[tuple[str, str, str], Ended] = {}
        self._read_at = float("-inf")

    def covers(self, principal: Principal) -> bool:
        """True when the principal's token, session or subject was revoked.

        Raises EndedAccessUnknown where another process ends access and is not heard.
        """
        if self._monotonic() - self._read_at > READ_EVERY_SECONDS:
            self._read()
        if self._elsewhere is not None:
            self._elsewhere.check()
        ended_at, issuer = self._ended_at, principal.issuer
        if (issuer, "token", principal.token_id) in ended_at:
            return True
        if (issuer, "session", principal.session_id) in ended_at:
            return True
        last = ended_at.get((issuer, "subject", principal.subject))
        return last is not None and principal.issued_at <= last

    def _read(self) -> None:
        with self._lock:
            started_at = self._monotonic()
            if started_at - self._read_at <= READ_EVERY_SECONDS:
                return
            found = list_in_force()
            if self._elsewhere is not None:
                self._there |= {_key(ended): ended for ended in self._elsewhere.ask()}
                limit = clock.now() - _KEPT_AFTER
                self._there = {k: e for k, e in self._there.items() if e.expires_at >= limit}
            self._ended_at = _latest([*found, *self._there.values()])
            self._read_at = started_at


def _key(ended: Ended) -> tuple[str, str, str]:
    return (ended.issuer, ended.kind, ended.value)


def _latest(rows: Sequence[Ended]) -> dict[tuple[str, str, str], float]:
    found: dict[tuple[str, str, str], float] = {}
    for row in rows:
        at = row.recorded_at.timestamp()
        found[_key(row)] = max(at, found.get(_key(row), at))
    return found


@lru_cache(maxsize=1)
def revoked() -> RevokedSet:
    """The process's set."""
    return RevokedSet(elsewhere=ended_elsewhere.configured())
