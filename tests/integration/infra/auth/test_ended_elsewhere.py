"""Access that ends in one process ends in the others: how they ask, and what they do unheard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.test import Client

from ossrep.infra.auth import revocation, tokens
from ossrep.infra.auth.ended_elsewhere import EndedAccessUnknown, EndedElsewhere
from ossrep.infra.auth.principal import Principal
from ossrep.infra.checks import check_split
from ossrep.infra.models import RevokedAccess
from ossrep.infra.remote.tokens import ServiceClient, ServiceTokens
from ossrep.kernel import clock
from tests.token_issuer import ISSUER, TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
LATER = dt.timedelta(minutes=5)
CALLER = Principal(
    issuer=ISSUER, subject="s-1", roles=frozenset(), token_id="t-1", session_id="sid-1", issued_at=1
)


class Elsewhere:
    """The other process behind our own handlers: answers, or is away."""

    def __init__(self, issuer: TokenIssuer, *, roles: tuple[str, ...] = ("service",)) -> None:
        self.seconds = 0.0
        self.is_away = False
        self.asked: list[httpx.URL] = []
        self._token = issuer.token(roles=list(roles), sub="billing", jti="of billing")
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        client = ServiceClient(token_url="http://core/oidc/token", client_id="b", secret="s")
        self.ended = EndedElsewhere(
            base_url="http://core/",
            http=http,
            tokens=ServiceTokens(client=client, http=http),
            monotonic=self.now,
        )

    def now(self) -> float:
        return self.seconds

    def marks(self) -> revocation.RevokedSet:
        return revocation.RevokedSet(elsewhere=self.ended, monotonic=self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("refused")
        if request.url.path == "/oidc/token":
            return httpx.Response(200, json={"access_token": self._token, "expires_in": 300})
        self.asked.append(request.url)
        answer = Client().get(
            request.url.path,
            query_params=dict(request.url.params),
            headers={"Authorization": request.headers["Authorization"]},
        )
        return httpx.Response(answer.status_code, content=answer.content)


@pytest.fixture
def elsewhere(token_issuer: TokenIssuer) -> Elsewhere:
    return Elsewhere(token_issuer)


def end(**fields: Any) -> None:
    revocation.revoke(issuer=ISSUER, expires_at=clock.now() + LATER, **fields)


def forget_here() -> None:
    """What was recorded there is in no table of this process."""
    RevokedAccess.objects.all().delete()


class TestEndedElsewhere:
    @pytest.mark.parametrize(
        "fields", [{"token_ids": ["t-1"]}, {"session_ids": ["sid-1"]}, {"subjects": ["s-1"]}]
    )
    def test_is_ended_here_after_the_next_question(
        self, elsewhere: Elsewhere, fields: dict[str, list[str]]
    ) -> None:
        marks = elsewhere.marks()
        assert marks.covers(CALLER) is False
        end(**fields)
        elsewhere.seconds = 2.1
        assert marks.covers(CALLER) is True

        forget_here()
        elsewhere.seconds = 4.2

        assert marks.covers(CALLER) is True
        assert len(elsewhere.asked) == 3

    def test_asks_for_all_at_first_and_then_for_what_is_new(self, elsewhere: Elsewhere) -> None:
        end(token_ids=["old"])
        RevokedAccess.objects.update(recorded_at=clock.now() - dt.timedelta(minutes=3))
        first = list(elsewhere.ended.ask())
        end(token_ids=["new"])
        # Recorded before the first answer, and committed after it.
        end(token_ids=["late"])
        RevokedAccess.objects.filter(value="late").update(
            recorded_at=clock.now() - dt.timedelta(seconds=30)
        )

        second = list(elsewhere.ended.ask())

        assert [ended.value for ended in first] == ["old"]
        assert {ended.value for ended in second} == {"new", "late"}
        assert "since" not in elsewhere.asked[0].params
        assert "since" in elsewhere.asked[1].params

    def test_of_a_subject_leaves_what_was_issued_later(self, elsewhere: Elsewhere) -> None:
        end(subjects=["s-1"])
        later = Principal(
            issuer=ISSUER,
            subject="s-1",
            roles=frozenset(),
            issued_at=int(clock.now().timestamp()) + 1,
        )
        marks = elsewhere.marks()

        assert (marks.covers(CALLER), marks.covers(later)) == (True, False)

    def test_goes_on_while_the_other_was_heard_lately(self, elsewhere: Elsewhere) -> None:
        marks = elsewhere.marks()
        assert marks.covers(CALLER) is False
        elsewhere.is_away = True
        elsewhere.seconds = 3.9

        assert marks.covers(CALLER) is False

    def test_lets_nobody_in_unheard(self, elsewhere: Elsewhere) -> None:
        marks = elsewhere.marks()
        assert marks.covers(CALLER) is False
        elsewhere.is_away = True
        elsewhere.seconds = 4.1
        with pytest.raises(EndedAccessUnknown, match="refused"):
            marks.covers(CALLER)

        elsewhere.is_away = False
        elsewhere.seconds = 6.2

        assert marks.covers(CALLER) is False

    def test_lets_nobody_in_where_the_other_refuses_to_tell(
        self, token_issuer: TokenIssuer
    ) -> None:
        marks = Elsewhere(token_issuer, roles=("csr",)).marks()

        with pytest.raises(EndedAccessUnknown, match="403"):
            marks.covers(CALLER)


class TestACallUnheard:
    @pytest.fixture
    def unheard(self, token_issuer: TokenIssuer, settings: Any) -> Iterator[Callable[[], Any]]:
        settings.OSSREP_SERVICES = {**settings.OSSREP_SERVICES, "customer": "http://127.0.0.1:9"}
        settings.OSSREP_SERVICE_TOKEN_URL = "http://127.0.0.1:9/oidc/token"
        for cache in (revocation.revoked, tokens.verifier):
            cache.cache_clear()
        bearer = f"Bearer {token_issuer.token(roles=['market'])}"
        yield lambda: Client().get("/api/v1/tdsps", headers={"Authorization": bearer})
        for cache in (revocation.revoked, tokens.verifier):
            cache.cache_clear()

    def test_is_answered_503(self, unheard: Callable[[], Any]) -> None:
        answer = unheard()

        assert (answer.status_code, answer.json()["code"]) == (503, "ended_access_unknown")


class TestTheList:
    @pytest.mark.parametrize("since", ["", "now", "2026-01-01", "2026-13-01T00:00:00Z", "1", "é"])
    def test_takes_an_instant_only(self, token_issuer: TokenIssuer, since: str) -> None:
        answer = Client().get(
            "/api/v1/ended-access",
            query_params={"since": since},
            headers={"Authorization": f"Bearer {token_issuer.token(roles=['service'])}"},
        )

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/since")


class TestCheck:
    def test_wants_the_provider_beside_customer_and_a_way_to_ask(self, settings: Any) -> None:
        settings.OSSREP_CONTEXTS = ("billing",)
        settings.OSSREP_KAFKA_BOOTSTRAP = "kafka:9092"
        settings.OSSREP_SERVICES = dict.fromkeys(
            ("customer", "product", "meter", "market", "billing"), "https://core"
        )
        settings.OSSREP_SERVICE_TOKEN_URL = ""

        assert [error.id for error in check_split(None)] == ["ossrep.E003", "ossrep.E004"]

        settings.OSSREP_OIDC_ISSUER = ""
        settings.OSSREP_SERVICE_TOKEN_URL = "https://core/oidc/token"
        assert check_split(None) == []
