"""Rate limits that hold over all processes: counted in the database, a row a caller and window.

The table is unlogged: a crash forgets the counts, and no call waits for the disk.

A process counts calls in blocks of a hundredth of the limit before it lets them through, and asks
again when the block is used up. So no caller ever gets more than the limit; who calls several
processes may be refused early by what the others have left, less than 1 % of the limit each.
"""

from __future__ import annotations

import hashlib
import random
import threading
from typing import Any

from django.conf import settings
from django.db import connections
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ossrep.infra.auth.principal import Principal
from ossrep.infra.hot_queries import prepared_rows
from ossrep.infra.web.addresses import client_address
from ossrep.kernel import clock

WINDOW_SECONDS = 60
# One call in so many also deletes windows that are over.
_PRUNE_ONE_IN = 1000
# Calls counted at once: a limit's hundredth, and never more than this.
_BLOCK_MAX = 20
_CALLERS_KEPT_MAX = 10_000
_COUNT = """
    INSERT INTO rate_count AS counted (caller, window_start, calls)
    VALUES (%s::varchar, %s::bigint, %s::int)
    ON CONFLICT (caller, window_start) DO UPDATE SET calls = counted.calls + excluded.calls
    RETURNING calls
"""


def count_call(*, caller: str, calls: int = 1) -> tuple[int, int]:
    """Counts calls; gives those in this window with them, and the seconds until the next."""
    now = int(clock.now().timestamp())
    window = now - now % WINDOW_SECONDS
    name = hashlib.sha256(caller.encode()).hexdigest()
    connection = connections["default"]
    counted = int(prepared_rows(connection, _COUNT, [name, window, calls])[0][0])
    if random.randrange(_PRUNE_ONE_IN) < calls:  # noqa: S311
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM rate_count WHERE window_start < %s", [window])
    return counted, window + WINDOW_SECONDS - now


class _Blocks:
    """What is left of the blocks that this process counted in the running window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._left: dict[tuple[str, int], int] = {}

    def take(self, key: tuple[str, int]) -> bool:
        """Uses one call that was counted before; False when there is none."""
        with self._lock:
            self._turn()
            left = self._left.get(key, 0)
            if left > 1:
                self._left[key] = left - 1
            elif left:
                del self._left[key]
            return left > 0

    def keep(self, key: tuple[str, int], calls: int) -> None:
        """Keeps calls of the running window for later; forgets all where there are too many."""
        with self._lock:
            self._turn()
            if len(self._left) >= _CALLERS_KEPT_MAX:
                self._left.clear()
            self._left[key] = self._left.get(key, 0) + calls

    def _turn(self) -> None:
        window = int(clock.now().timestamp()) // WINDOW_SECONDS
        if window != self._window:
            self._window = window
            self._left.clear()


_blocks = _Blocks()


class _WindowThrottle(BaseThrottle):
    _wait_seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Counts the call, unless nobody is known by whom to count."""
        caller, calls_max = self.caller(request), self.calls_max()
        if caller is None or not calls_max:
            return True
        # By limit, too: a changed one does not inherit what the other had left.
        key = (caller, calls_max)
        if _blocks.take(key):
            return True
        block = min(max(calls_max // 100, 1), _BLOCK_MAX)
        counted, self._wait_seconds = count_call(caller=caller, calls=block)
        left = min(counted, calls_max) - (counted - block)
        if left > 1:
            _blocks.keep(key, left - 1)
        return left > 0

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
