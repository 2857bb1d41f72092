"""Whatever ends access ends it within five seconds in every process, verified tokens too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User

from ossrep.infra.oidc.clients import register_portal, remove
from ossrep.infra.oidc.ending import end_access
from tests.integration.infra.oidc.portal import (
    REDIRECT_URI,
    Portal,
    make_user,
    refresh,
    register,
)
from tests.integration.infra.oidc.verifying_process import VerifyingProcess

LATEST_S = 5.0


def _disable(user: User) -> None:
    user.is_active = False
    user.save()


class TestEndOfAccess:
    def test_reaches_other_processes_in_time(self, fresh_database: str) -> None:
        register()
        people = [Portal(make_user(f"user-{place}")) for place in range(6)]
        User.objects.filter(username="user-4").update(is_staff=True)
        code = people[1].code()
        given = [person.tokens() for person in people]
        given[1] = people[1].exchange(code).json()
        register_portal(client_id="other-portal", name="Other", redirect_uris=[REDIRECT_URI])
        elsewhere = people[0].code(client_id="other-portal")
        given.append(people[0].exchange(elsewhere, client_id="other-portal").json())
        refresh(given[2]["refresh_token"])
        ends: dict[int, Callable[[], Any]] = {
            3: lambda: _disable(User.objects.get(username="user-3")),
            1: lambda: people[1].exchange(code),
            2: lambda: refresh(given[2]["refresh_token"]),
            6: lambda: remove("other-portal"),
            5: lambda: end_access(User.objects.get(username="user-5"), by="ended by staff"),
            0: lambda: people[0].http.get(
                "/oidc/end-session", {"id_token_hint": given[0]["id_token"]}
            ),
            4: lambda: people[4].http.post("/admin/logout/"),
        }
        other = VerifyingProcess([entry["access_token"] for entry in given])

        took_s = {}
        for place, end in ends.items():
            started = time.monotonic()
            end()
            assert other.next_refused() == place
            took_s[place] = time.monotonic() - started
        other.stop()

        assert max(took_s.values()) < LATEST_S, took_s
