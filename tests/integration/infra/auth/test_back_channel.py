"""Back-channel logout: what an issuer signs ends access; nothing else does, and nothing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from ossrep.infra.auth import back_channel, issuers, revocation, tokens
from ossrep.infra.auth.back_channel import EVENT
from ossrep.infra.auth.signed import TokenRefused
from ossrep.infra.models import RevokedAccess
from ossrep.kernel import clock
from tests.token_issuer import AUDIENCE, ISSUER, TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
PORTAL = "ossrep-customer-portal"


@pytest.fixture
def issuer(token_issuer: TokenIssuer, settings: Any) -> Iterator[TokenIssuer]:
    settings.OSSREP_ISSUERS = [token_issuer.entry(logout_audiences=[PORTAL, "ossrep-admin"])]
    caches = (issuers.configured_issuers, tokens.verifier, back_channel._keys)
    for cache in caches:
        cache.cache_clear()
    yield token_issuer
    for cache in caches:
        cache.cache_clear()


def logout_token(issuer: TokenIssuer, *, typ: str = "logout+jwt", **claims: Any) -> str:
    """A good logout token of session-1; ``claims`` replace its own, ``None`` takes one away."""
    return issuer.token(
        headers={"typ": typ},
        **{
            "aud": PORTAL,
            "jti": "logout-1",
            "events": {EVENT: {}},
            "azp": None,
            "realm_access": None,
            **claims,
        },
    )


def post(raw: str) -> Any:
    return Client().post("/auth/back-channel-logout", {"logout_token": raw})


def is_in(raw: str) -> bool:
    revocation.revoked.cache_clear()
    tokens.verifier.cache_clear()
    try:
        tokens.verifier().verify(raw)
    except TokenRefused:
        return False
    return True


class TestSession:
    def test_ends_with_all_its_tokens(self, issuer: TokenIssuer) -> None:
        of_session = issuer.token(jti="a"), issuer.token(jti="b")
        of_another = issuer.token(sid="session-2")

        answer = post(logout_token(issuer))

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer["Cache-Control"] == "no-store"
        assert [is_in(raw) for raw in of_session] == [False, False]
        assert is_in(of_another)

    def test_of_another_client_of_ours_ends(self, issuer: TokenIssuer) -> None:
        assert post(logout_token(issuer, aud=["ossrep-admin", "x"])).status_code == 200
        assert not is_in(issuer.token())


class TestSubject:
    def test_ends_with_all_that_was_issued_until_now(self, issuer: TokenIssuer) -> None:
        before = issuer.token(sid="session-2")
        of_another = issuer.token(sub="subject-2")

        answer = post(logout_token(issuer, sid=None))

        assert answer.status_code == 200
        assert not is_in(before)
        assert is_in(of_another)
        later = clock.now() + dt.timedelta(seconds=5)
        with clock.standing_at(later):
            assert is_in(issuer.token(sid="session-3", iat=int(later.timestamp())))

    def test_ends_anew_when_it_leaves_again(self, issuer: TokenIssuer) -> None:
        post(logout_token(issuer, sid=None))
        later = clock.now() + dt.timedelta(seconds=5)

        with clock.standing_at(later):
            between = issuer.token(sid="session-3", iat=int(later.timestamp()))
            post(logout_token(issuer, sid=None, jti="logout-2"))

            assert not is_in(between)


class TestRefused:
    @pytest.mark.parametrize(
        ("typ", "claims"),
        [
            ("at+jwt", {}),
            ("JWT", {}),
            ("logout+jwt", {"aud": AUDIENCE}),
            ("logout+jwt", {"aud": "someone"}),
            ("logout+jwt", {"aud": None}),
            ("logout+jwt", {"iss": "https://evil.example"}),
            ("logout+jwt", {"events": None}),
            ("logout+jwt", {"events": {"https://example.com/else": {}}}),
            ("logout+jwt", {"events": {EVENT: True}}),
            ("logout+jwt", {"events": [EVENT]}),
            ("logout+jwt", {"events": EVENT}),
            ("logout+jwt", {"nonce": "n"}),
            ("logout+jwt", {"nonce": ""}),
            ("logout+jwt", {"iat": None}),
            ("logout+jwt", {"iat": 4_000_000_000}),
            ("logout+jwt", {"iat": "now"}),
            ("logout+jwt", {"exp": 1_000_000}),
            ("logout+jwt", {"exp": None}),
            ("logout+jwt", {"jti": None}),
            ("logout+jwt", {"jti": ["logout-1"]}),
            ("logout+jwt", {"sid": None, "sub": None}),
        ],
    )
    def test_is_a_token_that_is_no_logout_of_ours(
        self, issuer: TokenIssuer, typ: str, claims: dict[str, Any]
    ) -> None:
        answer = post(logout_token(issuer, typ=typ, **claims))

        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"
        assert not RevokedAccess.objects.exists()
        assert is_in(issuer.token())

    def test_is_one_that_another_key_signed(self, issuer: TokenIssuer) -> None:
        other = TokenIssuer()
        forged = logout_token(other)
        other.close()

        assert post(forged).status_code == 400
        assert is_in(issuer.token())

    def test_is_one_that_came_before(self, issuer: TokenIssuer) -> None:
        once = logout_token(issuer)

        assert [post(once).status_code for _ in range(3)] == [200, 400, 400]
        assert post(logout_token(issuer, sid="session-2", jti="logout-1")).status_code == 400
        assert is_in(issuer.token(sid="session-2"))

    @pytest.mark.parametrize("fields", [{}, {"logout_token": ["a.b.c", "d.e.f"]}])
    def test_is_none_or_two(self, issuer: TokenIssuer, fields: dict[str, Any]) -> None:
        answer = Client().post("/auth/back-channel-logout", fields)

        assert answer.status_code == 400
        assert Client().get("/auth/back-channel-logout").status_code == 405

    def test_is_every_one_of_an_issuer_without_such_clients(
        self, token_issuer: TokenIssuer
    ) -> None:
        assert token_issuer.entry()["issuer"] == ISSUER
        assert post(logout_token(token_issuer)).status_code == 400


class TestAccessToken:
    def test_of_more_than_a_day_is_refused(self, issuer: TokenIssuer) -> None:
        """What is ended is remembered for a day, so that nothing may outlive that."""
        day = int(clock.now().timestamp()) + 24 * 3600

        assert is_in(issuer.token(exp=day))
        assert not is_in(issuer.token(exp=day + 3600))
