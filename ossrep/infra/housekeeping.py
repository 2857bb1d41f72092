"""What the house need not keep any longer on ``default``: swept by the relay, or by command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connections
from django.db.models import QuerySet

from ossrep.infra import database
from ossrep.infra.auth import revocation
from ossrep.infra.oidc.models import AuthorizationCode, EmailLink, Grant, SignInFailure
from ossrep.infra.web import idempotency

ROWS_PER_DELETE = 1_000
DELETES_MAX = 1_000
# A used code or refresh token that comes again is known for so long.
KEPT_AFTER_END = dt.timedelta(days=1)
# Links that were sent are counted for a while, against floods of mail.
LINKS_KEPT = dt.timedelta(days=7)
FAILURES_KEPT = dt.timedelta(hours=1)


def sweep(*, as_of: dt.datetime) -> Mapping[str, int]:
    """Deletes what is over, by kind; gives how many rows each lost. Safe to run at any time."""
    ended = as_of - KEPT_AFTER_END
    return {
        "revoked access": revocation.prune(as_of=as_of),
        "answered calls": idempotency.prune(as_of=as_of),
        # A grant takes its refresh tokens and its code along.
        "sign-ins": _delete(Grant.objects.filter(expires_at__lt=ended)),
        "codes": _delete(AuthorizationCode.objects.filter(expires_at__lt=ended)),
        "links": _delete(EmailLink.objects.filter(expires_at__lt=as_of - LINKS_KEPT)),
        "sign-in failures": _delete(
            SignInFailure.objects.filter(last_at__lt=as_of - FAILURES_KEPT, blocked_until__lt=as_of)
        ),
        "browser sessions": _delete(Session.objects.filter(expire_date__lt=as_of)),
    }


def server_time() -> dt.datetime:
    """The database's own time: a relay whose handlers act as of another day sweeps by this one."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: dt.datetime = cursor.fetchone()[0]
    return found


def _delete(rows: QuerySet[Any]) -> int:
    """In small transactions, so that nobody waits for long."""
    gone = 0
    for _ in range(DELETES_MAX):
        with database.transaction("default"):
            chosen = list(rows.values_list("pk", flat=True)[:ROWS_PER_DELETE])
            rows.model._default_manager.filter(pk__in=chosen).delete()
        gone += len(chosen)
        if len(chosen) < ROWS_PER_DELETE:
            break
    return gone
