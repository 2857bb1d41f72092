"""Rate limits that hold over all processes: counted in the database, a row a caller and window.

The table is unlogged: a crash forgets the counts, and no call waits for the disk.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any

from django.conf import settings
from django.db import connections
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ossrep.infra.auth.principal import Principal
from ossrep.infra.web.addresses import client_address
from ossrep.kernel import clock

WINDOW_SECONDS = 60
# One call in so many also deletes windows that are over.
_PRUNE_ONE_IN = 1000
_COUNT = """
    INSERT INTO rate_count AS counted (caller, window_start, calls) VALUES (%s, %s, 1)
    ON CONFLICT (caller, window_start) DO UPDATE SET calls = counted.calls + 1
    RETURNING calls
"""


def count_call(*, caller: str) -> tuple[int, int]:
    """Counts one call; gives the calls in this window and the seconds until the next."""
    now = int(clock.now().timestamp())
    window = now - now % WINDOW_SECONDS
    name = hashlib.sha256(caller.encode()).hexdigest()
    with connections["default"].cursor() as cursor:
        cursor.execute(_COUNT, [name, window])
        calls = int(cursor.fetchone()[0])
        if random.randrange(_PRUNE_ONE_IN) == 0:  # noqa: S311
            cursor.execute("DELETE FROM rate_count WHERE window_start < %s", [window])
    return calls, window + WINDOW_SECONDS - now


class _WindowThrottle(BaseThrottle):
    _wait_seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Counts the call, unless nobody is known by whom to count."""
        caller, calls_max = self.caller(request), self.calls_max()
        if caller is None or not calls_max:
            return True
        calls, self._wait_seconds = count_call(caller=caller)
        return calls <= calls_max

    def wait(self) -> float:
        """The seconds that ``Retry-After`` says."""
        return self._wait_seconds

    def caller(self, request: Request) -> str | None:
        raise NotImplementedError

    def calls_max(self) -> int:
        raise NotImplementedError


class AddressThrottle(_WindowThrottle):
    """At most ``OSSREP_CALLS_PER_MINUTE_ADDRESS`` from one address (IPv6: one /64)."""

    def caller(self, request: Request) -> str | None:
        """The address; a caller without one shares a count with all such."""
        address = client_address(request._request)
        if address is None:
            return "address unknown"
        return f"address {address if address.version == 4 else int(address) >> 64}"

    def calls_max(self) -> int:
        """Calls in a window."""
        return int(settings.OSSREP_CALLS_PER_MINUTE_ADDRESS)


class ClientThrottle(_WindowThrottle):
    """At most ``OSSREP_CALLS_PER_MINUTE_CLIENT`` by one login or service."""

    def caller(self, request: Request) -> str | None:
        """The principal, if there is one."""
        return f"client {request.auth.pk}" if isinstance(request.auth, Principal) else None

    def calls_max(self) -> int:
        """Calls in a window."""
        return int(settings.OSSREP_CALLS_PER_MINUTE_CLIENT)
