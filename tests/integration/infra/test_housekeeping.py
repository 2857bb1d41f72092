"""What is over is deleted, and nothing that still counts."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command

from ossrep.infra import housekeeping
from ossrep.infra.auth.revocation import revoke
from ossrep.infra.models import AnsweredCall, RevokedAccess
from ossrep.infra.oidc.models import AuthorizationCode, Grant, RefreshToken, SignInFailure
from ossrep.infra.oidc.throttle import callers, record_failure
from ossrep.kernel import clock
from tests.integration.infra.oidc.portal import Portal, make_user, register

pytestmark = pytest.mark.django_db(databases="__all__")
MODELS = (RevokedAccess, AnsweredCall, Grant, AuthorizationCode, RefreshToken, SignInFailure)


def fill() -> None:
    """A row or more of each kind."""
    register()
    person: User = make_user()
    portal = Portal(person)
    portal.tokens()
    portal.code()
    AnsweredCall.objects.create(client="c", key="k" * 8, request_sha256="0" * 64)
    record_failure(callers(username="ana", address="192.0.2.1"))
    revoke(issuer="i", expires_at=clock.now() + dt.timedelta(minutes=10), token_ids=["t"])


def counts() -> list[int]:
    return [model._default_manager.count() for model in (*MODELS, Session)]


class TestSweep:
    def test_keeps_what_counts(self) -> None:
        fill()
        before = counts()

        gone = housekeeping.sweep(as_of=clock.now())

        assert set(gone.values()) == {0}
        assert counts() == before == [1, 1, 1, 2, 1, 3, 1]

    def test_deletes_what_is_over(self) -> None:
        fill()

        gone = housekeeping.sweep(as_of=clock.now() + dt.timedelta(days=8))

        assert dict(gone) == {
            "revoked access": 1,
            "answered calls": 1,
            "sign-ins": 1,
            "codes": 1,
            "links": 0,
            "sign-in failures": 3,
            "browser sessions": 1,
        }
        assert counts() == [0] * 7

    def test_is_a_command(self) -> None:
        out = StringIO()

        call_command("housekeeping", "--json", stdout=out)

        assert json.loads(out.getvalue())["sign-ins"] == 0
