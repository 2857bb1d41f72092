"""One code and one refresh token, used fifty times at once over real connections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from ossrep.infra.auth.tokens import TokenRefused, verifier
from ossrep.infra.oidc import keys
from ossrep.infra.oidc.models import Grant, SigningKey
from ossrep.infra.oidc.throttle import NAME_AT_ADDRESS_FREE
from tests.integration.infra.oidc.portal import (
    PASSWORD,
    Portal,
    make_user,
    refresh,
    register,
    userinfo,
)

AT_ONCE = 50


def at_once(call: Callable[[], Any]) -> list[Any]:
    """Answers of ``AT_ONCE`` calls that start together, each on its own connections."""
    barrier = Barrier(AT_ONCE)

    def run() -> Any:
        barrier.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(AT_ONCE)]]


@pytest.fixture
def browser(fresh_database: str) -> Portal:
    register()
    return Portal(make_user())


class TestOneCode:
    def test_gives_tokens_once_and_the_replay_ends_them(self, browser: Portal) -> None:
        code = browser.code()

        answers = at_once(lambda: browser.exchange(code))

        assert sorted(answer.status_code for answer in answers) == [200] + [400] * (AT_ONCE - 1)
        given = next(answer for answer in answers if answer.status_code == 200).json()
        assert Grant.objects.count() == 1
        _is_dead(given)


class TestOneRefreshToken:
    def test_gives_tokens_once_and_the_reuse_ends_them(self, browser: Portal) -> None:
        first = browser.tokens()

        answers = at_once(lambda: refresh(first["refresh_token"]))

        assert sorted(answer.status_code for answer in answers) == [200] + [400] * (AT_ONCE - 1)
        _is_dead(next(answer for answer in answers if answer.status_code == 200).json())
        _is_dead(first)


def _is_dead(given: dict[str, Any]) -> None:
    assert userinfo(given["access_token"]).status_code == 401
    assert refresh(given["refresh_token"]).status_code == 400
    with pytest.raises(TokenRefused, match="revoked"):
        verifier().verify(given["access_token"])


class TestFirstKey:
    def test_is_made_once(self, fresh_database: str) -> None:
        made = at_once(lambda: keys.signing_key().kid)

        assert len(set(made)) == 1
        assert SigningKey.objects.count() == 1


class TestWrongPasswords:
    def test_are_counted_when_tried_at_once(self, browser: Portal) -> None:
        tries = Portal()

        at_once(lambda: tries.http.post("/oidc/login", {"username": "ana", "password": "x"}))
        answer = tries.http.post("/oidc/login", {"username": "ana", "password": PASSWORD})

        assert answer.status_code == 429
        # Fifty over the free tries: the longest wait.
        assert AT_ONCE > NAME_AT_ADDRESS_FREE
        assert int(answer["Retry-After"]) > dt.timedelta(minutes=14).total_seconds()
