"""Endpoints on the base, over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from ossrep.infra.auth import revocation
from ossrep.infra.auth.principal import Principal
from ossrep.infra.models import AnsweredCall, BrokerTopic
from ossrep.infra.web import idempotency
from ossrep.kernel import clock
from tests.integration.infra.web import probe
from tests.token_issuer import ISSUER, TokenIssuer

Caller = Callable[..., Client]
db = pytest.mark.django_db(databases="__all__")
NEW = {"topic": "bills", "partitions": 3}


def _post(client: Client, body: Any, *, key: str = "key-00000001", path: str = "topics") -> Any:
    return client.post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key} if key else {},
    )


@db
class TestAuthentication:
    def test_asks_for_a_token(self, probe_site: None, token_issuer: TokenIssuer) -> None:
        answer = Client().get("/api/v1/topics")

        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="ossrep"'
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_authenticated"

    def test_refuses_a_bad_token(self, probe_site: None, token_issuer: TokenIssuer) -> None:
        answer = Client().get("/api/v1/topics", headers={"Authorization": "Bearer a.b.c"})

        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")

    def test_takes_no_token_from_the_address(
        self, probe_site: None, token_issuer: TokenIssuer
    ) -> None:
        token = token_issuer.token(roles=["csr"])

        assert Client().get(f"/api/v1/topics?access_token={token}").status_code == 401

    def test_refuses_a_role_that_the_matrix_does_not_name(self, caller: Caller) -> None:
        answer = caller("customer", "billing").get("/api/v1/topics")

        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")

    def test_lets_a_service_in(self, caller: Caller) -> None:
        answer = caller("service").get("/api/v1/topics")

        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"

    def test_refuses_a_route_without_row(self, caller: Caller) -> None:
        assert caller("admin", "csr").get("/api/v1/rowless").status_code == 403

    def test_ignores_a_bad_token_where_all_may(self, caller: Caller) -> None:
        for token in ("a.b.c", "x" * 9000):
            answer = Client().get("/api/v1/open", headers={"Authorization": f"Bearer {token}"})

            assert answer.status_code == 200

    def test_tells_the_view_who_calls(self, caller: Caller) -> None:
        answer = caller("customer", sub="ann").get("/api/v1/mine")

        assert answer.json() == {"subject": "ann", "clientId": "ossrep-customer-portal"}


@db
class TestRevocation:
    @pytest.mark.parametrize("field", ["token_ids", "session_ids"])
    def test_ends_access_of_a_token_in_use(self, field: str, caller: Caller) -> None:
        client = caller("csr", jti="t-9", sid="s-9")
        other = caller("csr", jti="t-10", sid="s-10")
        assert client.get("/api/v1/topics").status_code == 200
        value = "t-9" if field == "token_ids" else "s-9"

        for _ in range(2):
            revocation.revoke(
                issuer=ISSUER,
                expires_at=clock.now() + dt.timedelta(minutes=5),
                **{field: [value, ""]},
            )
        revocation.revoked.cache_clear()
        fresh = revocation.RevokedSet(monotonic=lambda: 0.0)

        assert fresh.covers(_principal("t-9", "s-9")) is True
        assert fresh.covers(_principal("t-10", "s-10")) is False
        assert other.get("/api/v1/topics").status_code == 200

    def test_is_seen_within_the_limit(self, caller: Caller) -> None:
        seconds = [0.0]
        marks = revocation.RevokedSet(monotonic=lambda: seconds[0])
        assert marks.covers(_principal("t-1", "s-1")) is False
        revocation.revoke(
            issuer=ISSUER, expires_at=clock.now() + dt.timedelta(minutes=5), session_ids=["s-1"]
        )

        seconds[0] = 2.1

        assert marks.covers(_principal("t-1", "s-1")) is True

    def test_forgets_what_cannot_matter(self, caller: Caller) -> None:
        now = clock.now()
        for minutes, token in ((-90, "old"), (-30, "late"), (5, "new")):
            revocation.revoke(
                issuer=ISSUER, expires_at=now + dt.timedelta(minutes=minutes), token_ids=[token]
            )

        assert revocation.prune(as_of=now) == 1


def _principal(token_id: str, session_id: str) -> Any:
    return Principal(
        issuer=ISSUER,
        subject="s",
        roles=frozenset(),
        token_id=token_id,
        session_id=session_id,
    )


@db
class TestBodies:
    def test_refuse_unknown_fields(self, caller: Caller) -> None:
        answer = _post(caller("csr"), {**NEW, "isAdmin": True})

        assert answer.status_code == 400
        assert answer.json()["errors"] == [
            {
                "pointer": "/isAdmin",
                "code": "unknown_field",
                "detail": "There is no such field to be written.",
            }
        ]

    @pytest.mark.parametrize(
        ("raw", "code"), [("{", "not_json"), ('{"topic": NaN}', "not_json"), ("[" * 30, "too_deep")]
    )
    def test_are_strict_json(self, raw: str, code: str, caller: Caller) -> None:
        answer = caller("csr").post(
            "/api/v1/topics",
            raw,
            content_type="application/json",
            headers={"Idempotency-Key": "key-00000001"},
        )

        assert (answer.status_code, answer.json()["code"]) == (400, code)

    def test_are_json_only(self, caller: Caller) -> None:
        answer = caller("csr").post(
            "/api/v1/topics", {"topic": "x"}, headers={"Idempotency-Key": "key-00000001"}
        )

        assert answer.status_code == 415


@db
class TestIdempotency:
    def test_demands_a_key(self, caller: Caller) -> None:
        for key in ("", "short", "with space in it"):
            answer = _post(caller("csr"), NEW, key=key)

            assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")

        assert probe.TopicsView.effects == []

    def test_demands_none_of_published_contracts(self, caller: Caller) -> None:
        assert _post(caller("csr"), {"aB": 1}, key="", path="open").json() == {"aB": 1}

    def test_gives_the_same_answer_again(self, caller: Caller) -> None:
        first, second = (_post(caller("csr"), NEW) for _ in range(2))

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json() == {"topicName": "bills", "number": 1}
        assert second["Content-Type"] == first["Content-Type"]
        assert second["Idempotency-Replayed"] == "true"
        assert probe.TopicsView.effects == ["bills"]

    def test_gives_the_same_refusal_again(self, caller: Caller) -> None:
        body = {"topic": "full", "partitions": 1}

        first, second = (_post(caller("csr"), body) for _ in range(2))

        assert (first.status_code, second.status_code) == (422, 422)
        assert first.json() == second.json()
        assert second["Content-Type"] == "application/problem+json"
        assert probe.TopicsView.effects == ["full"]

    def test_refuses_the_key_for_another_body(self, caller: Caller) -> None:
        _post(caller("csr"), NEW)

        answer = _post(caller("csr"), {**NEW, "partitions": 4})

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert probe.TopicsView.effects == ["bills"]

    def test_keeps_the_keys_of_callers_apart(self, caller: Caller) -> None:
        _post(caller("csr", sub="ann"), NEW)

        answer = _post(caller("csr", sub="ben"), {"topic": "usage", "partitions": 1})

        assert answer.json() == {"topicName": "usage", "number": 2}

    def test_keeps_nothing_of_a_defect(self, caller: Caller) -> None:
        client = caller("csr")
        client.raise_request_exception = False

        statuses = [_post(client, {}, path="defect").status_code for _ in range(2)]

        assert statuses == [500, 500]
        assert probe.DefectView.calls == [{}, {}]
        assert AnsweredCall.objects.count() == 0

    def test_does_not_guess_how_a_broken_call_ended(self, caller: Caller) -> None:
        _post(caller("csr"), NEW)
        AnsweredCall.objects.update(status=None)

        answer = _post(caller("csr"), NEW)

        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_outcome_unknown")
        assert probe.TopicsView.effects == ["bills"]

    def test_forgets_after_a_week(self, caller: Caller) -> None:
        _post(caller("csr"), NEW)

        assert idempotency.prune(as_of=clock.now() + dt.timedelta(days=6)) == 0
        assert idempotency.prune(as_of=clock.now() + dt.timedelta(days=8)) == 1


class TestIdempotencyInParallel:
    def test_has_one_effect(self, fresh_database: str, caller: Caller) -> None:
        probe.TopicsView.pause_seconds = 0.2
        client, answers = caller("csr"), []

        def call() -> None:
            answers.append(_post(client, NEW))
            for alias in connections:
                connections[alias].close()

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [answer.status_code for answer in answers] == [201] * 8
        assert {answer.content for answer in answers} == {b'{"topicName":"bills","number":1}'}
        assert probe.TopicsView.effects == ["bills"]


@pytest.fixture
def topics() -> None:
    BrokerTopic.objects.bulk_create(
        [BrokerTopic(topic=f"t{n:02}", partitions=1 + n % 2) for n in range(25)]
    )


def _walk(client: Client, query: str) -> Iterator[list[str]]:
    cursor = ""
    for _ in range(30):
        found = client.get(f"/api/v1/topics?{query}&cursor={cursor}").json()
        yield [item["topicName"] for item in found["items"]]
        cursor = found["nextCursor"]
        if cursor is None:
            return


@db
@pytest.mark.usefixtures("topics")
class TestCursor:
    def test_walks_over_every_row_once(self, caller: Caller) -> None:
        pages = list(_walk(caller("csr"), "size=10"))

        assert [len(page) for page in pages] == [10, 10, 5]
        assert [name for page in pages for name in page] == [
            f"t{n:02}" for n in (*range(0, 25, 2), *range(1, 25, 2))
        ]

    @pytest.mark.parametrize("cursor", ["x", "a:b:c", "x" * 2000, "WyJhIl0:1abc:def"])
    def test_refuses_a_forged_one(self, cursor: str, caller: Caller) -> None:
        answer = caller("csr").get(f"/api/v1/topics?cursor={cursor}")

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "invalid_cursor"

    def test_refuses_one_of_another_caller_or_filter(self, caller: Caller) -> None:
        found = caller("csr", sub="ann").get("/api/v1/topics?size=2").json()["nextCursor"]
        asked = f"/api/v1/topics?cursor={found}"

        assert caller("csr", sub="ann").get(asked).status_code == 200
        assert caller("csr", sub="ben").get(asked).status_code == 400
        assert caller("csr", sub="ann").get(f"{asked}&kind=x").status_code == 400

    @pytest.mark.parametrize("size", ["0", "201", "-1", "1.5", "٣", "9999999999", ""])
    def test_has_a_cap(self, size: str, caller: Caller) -> None:
        assert caller("csr").get(f"/api/v1/topics?size={size}").status_code == 400


@db
@pytest.mark.usefixtures("topics")
class TestPages:
    def test_count_from_zero(self, caller: Caller) -> None:
        found = caller("csr").get("/api/v1/pages?page=2&size=10").json()

        assert found == {
            "content": ["t20", "t21", "t22", "t23", "t24"],
            "page": 2,
            "size": 10,
            "totalElements": 25,
            "totalPages": 3,
        }

    def test_are_twenty_by_default(self, caller: Caller) -> None:
        assert len(caller("csr").get("/api/v1/pages").json()["content"]) == 20


@db
class TestPreconditions:
    def test_answer_304_to_who_has_it(self, caller: Caller) -> None:
        tag = Client().get("/api/v1/open")["ETag"]

        again = Client().get("/api/v1/open", headers={"If-None-Match": f'"x", {tag}'})

        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)

    def test_let_only_the_state_be_edited_that_was_read(self, caller: Caller) -> None:
        tag = Client().get("/api/v1/open")["ETag"]

        def put(key: str, **headers: str) -> Any:
            return caller("csr").put(
                "/api/v1/topics", "{}", headers={"Idempotency-Key": key, **headers}
            )

        assert put("key-0000001").status_code == 428
        assert put("key-0000002", **{"If-Match": '"other"'}).status_code == 412
        assert put("key-0000003", **{"If-Match": f"W/{tag}"}).status_code == 412
        assert put("key-0000004", **{"If-Match": tag}).status_code == 200


@db
class TestRateLimits:
    def test_count_by_address(self, caller: Caller, settings: Any) -> None:
        settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 3
        instant = dt.datetime(2026, 11, 24, 12, 0, 20, tzinfo=dt.UTC)

        with clock.standing_at(instant):
            statuses = [Client().get("/api/v1/open").status_code for _ in range(3)]
            refused = Client().get("/api/v1/open")
            other = Client().get("/api/v1/open", REMOTE_ADDR="192.168.7.7")
        with clock.standing_at(instant + dt.timedelta(seconds=40)):
            later = Client().get("/api/v1/open")

        assert statuses == [200, 200, 200]
        assert (refused.status_code, refused["Retry-After"]) == (429, "40")
        assert refused.json()["code"] == "throttled"
        assert (other.status_code, later.status_code) == (200, 200)

    def test_count_guesses_of_tokens(self, caller: Caller, settings: Any) -> None:
        settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 2
        headers = {"Authorization": "Bearer a.b.c"}

        with clock.standing_at(clock.now()):
            statuses = [Client().get("/api/v1/mine", headers=headers).status_code for _ in range(3)]

        assert statuses == [401, 401, 429]

    def test_count_by_client(
        self, probe_site: None, token_issuer: TokenIssuer, settings: Any
    ) -> None:
        settings.OSSREP_CALLS_PER_MINUTE_CLIENT = 2
        tokens = {sub: token_issuer.token(sub=sub) for sub in ("ann", "ben")}

        with clock.standing_at(clock.now()):
            statuses = [
                Client().get("/api/v1/mine", headers={"Authorization": f"Bearer {tokens[s]}"})
                for s in ("ann", "ann", "ann", "ben")
            ]

        assert [answer.status_code for answer in statuses] == [200, 200, 429, 200]

    def test_can_be_off(self, caller: Caller, settings: Any) -> None:
        settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 0

        assert Client().get("/api/v1/open").status_code == 200


@db
class TestAddresses:
    def test_keep_strangers_from_internal_routes(self, caller: Caller) -> None:
        answer = caller("csr").get("/api/v1/topics", REMOTE_ADDR="203.0.113.7")

        assert (answer.status_code, answer.json()["code"]) == (403, "address_not_allowed")

    @pytest.mark.parametrize(
        ("forwarded", "status"),
        [
            ("203.0.113.7", 403),
            ("10.0.0.9, 203.0.113.7", 403),
            ("203.0.113.7, 10.0.0.9", 200),
            ("nonsense", 403),
            ("", 200),
        ],
    )
    def test_are_told_by_our_own_proxies(
        self, forwarded: str, status: int, caller: Caller, settings: Any
    ) -> None:
        settings.OSSREP_TRUSTED_PROXIES = ["127.0.0.1/32"]

        answer = caller("csr").get("/api/v1/topics", headers={"X-Forwarded-For": forwarded})

        assert answer.status_code == status

    def test_are_not_told_by_strangers(self, caller: Caller) -> None:
        answer = caller("csr").get(
            "/api/v1/topics", REMOTE_ADDR="203.0.113.7", headers={"X-Forwarded-For": "10.0.0.9"}
        )

        assert answer.status_code == 403


@db
class TestHeaders:
    def test_of_data_forbid_everything(self, caller: Caller) -> None:
        answer = Client().get("/api/v1/open")

        assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"

    def test_let_only_portals_read_from_elsewhere(self, caller: Caller, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]

        def allowed(origin: str) -> str | None:
            answer = Client().get("/api/v1/open", headers={"Origin": origin})
            assert "Access-Control-Allow-Credentials" not in answer
            return answer.get("Access-Control-Allow-Origin")

        assert allowed("https://portal.example") == "https://portal.example"
        for origin in ("https://portal.example.evil", "http://portal.example", "null"):
            assert allowed(origin) is None
