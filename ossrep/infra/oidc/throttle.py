"""How often a password may be tried, by whom it is tried and from where."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.db.models import F
from django.http import HttpRequest

from ossrep.infra import database
from ossrep.infra.oidc.models import SignInFailure
from ossrep.infra.web.addresses import client_address
from ossrep.kernel import clock

FORGOTTEN_AFTER = dt.timedelta(minutes=15)
BLOCK_MAX = dt.timedelta(minutes=15)
# Failures before the first wait. Someone else's tries from elsewhere block a name last.
NAME_AT_ADDRESS_FREE, NAME_FREE, ADDRESS_FREE = 5, 25, 50


def callers(*, username: str, address: str) -> dict[str, int]:
    """Hashed keys that failures are counted by, with how many are free of a wait."""
    name = username.strip().lower()
    named = {
        f"name {name} at {address}": NAME_AT_ADDRESS_FREE,
        f"name {name}": NAME_FREE,
        f"address {address}": ADDRESS_FREE,
    }
    return {hashlib.sha256(key.encode()).hexdigest(): free for key, free in named.items()}


def wait_of(keys: Mapping[str, int]) -> int:
    """Seconds until a password may be tried again; 0: now."""
    now = clock.now()
    blocked = SignInFailure.objects.filter(caller_hash__in=keys, blocked_until__gt=now)
    until = max(blocked.values_list("blocked_until", flat=True), default=now)
    seconds = (until - now).total_seconds()
    return int(seconds) + 1 if seconds > 0 else 0


def record_failure(keys: Mapping[str, int]) -> None:
    """Counts a wrong password; every one over the free ones doubles the wait."""
    now = clock.now()
    with database.transaction("default"):
        SignInFailure.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
        for key in sorted(keys):
            # The row's own lock makes tries at the same time count one after the other.
            SignInFailure.objects.bulk_create(
                [SignInFailure(caller_hash=key, failures=0, last_at=now, blocked_until=now)],
                ignore_conflicts=True,
            )
            row = SignInFailure.objects.filter(caller_hash=key)
            row.update(failures=F("failures") + 1, last_at=now)
            over = row.values_list("failures", flat=True).get() - keys[key]
            if over >= 0:
                wait = min(dt.timedelta(seconds=2 ** min(over, 20)), BLOCK_MAX)
                row.update(blocked_until=now + wait)


def forget_failures(*, username: str, address: str) -> None:
    """After a right password: the name starts anew at this address."""
    keys = callers(username=username, address=address)
    own = [key for key, free in keys.items() if free == NAME_AT_ADDRESS_FREE]
    SignInFailure.objects.filter(caller_hash__in=own).delete()


def address_of(request: HttpRequest) -> str:
    """The caller's address, as failures are counted by."""
    return str(client_address(request) or "unknown")
