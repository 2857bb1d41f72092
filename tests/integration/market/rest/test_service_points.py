"""The published service-point contract, call by call."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from ossrep.market.models import OutboxEvent, ServicePoint, ServicePointChange
from tests.feed_horizon import wait_for_all_before
from tests.token_issuer import TokenIssuer

rolled_back = pytest.mark.django_db(databases="__all__")
BASE = "/api/v1/service-points"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ESI_ID = "1008901000000000000001"
WHOLE = {
    "tdspId": 1,
    "esiid": ESI_ID,
    "street": "100 SAMPLE DR",
    "streetLine2": "APT 2",
    "city": "BAYTOWN",
    "state": "TX",
    "zip": "77520",
    "county": "CHAMBERS",
    "meterReadCycle": "19",
    "status": "Active",
    "premiseType": "Small Non-Residential",
    "stationCode": "_CD",
    "stationName": "CEDAR BAYOU OLD",
    "metered": True,
    "openServiceOrders": "06/01/2026,Move In",
    "polrCustomerClass": "Small Non-Residential",
    "settlementAmsIndicator": "Y",
    "tdspAmsIndicator": "AMSM",
    "switchHoldIndicator": "N",
    "meteredServiceType": "M04",
    "meteredServiceTypeDesc": "FIREWORKS STAND",
}
LEAST = {"esiid": ESI_ID, "status": "Inactive", "metered": False}


class Caller:
    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.generic(
            method, f"{BASE}{path}", json.dumps(body), content_type="application/json"
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}")


@pytest.fixture
def admin(token_issuer: TokenIssuer) -> Caller:
    return Caller(token_issuer.token(roles=["centerpoint-service-point-admin"]))


@pytest.fixture
def user(token_issuer: TokenIssuer) -> Caller:
    return Caller(token_issuer.token(roles=["centerpoint-service-point-user"]))


def events() -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEvent.objects.filter(aggregate_type="service-point").order_by("pk")
    return [(row.event_type, row.payload) for row in rows]


@rolled_back
class TestPost:
    def test_makes_one_and_tells_it(self, admin: Caller) -> None:
        answer = admin.send("POST", "", WHOLE)

        body = answer.json()
        assert answer.status_code == 201
        assert body["servicePointId"] >= 10**18
        assert INSTANT.fullmatch(body["createdAt"])
        assert INSTANT.fullmatch(body["updatedAt"])
        added = {name: body[name] for name in ("servicePointId", "createdAt", "updatedAt")}
        assert body == {**WHOLE, **added}
        ((kind, told),) = events()
        assert (kind, told["eventType"]) == ("SERVICE_POINT_CREATED", "SERVICE_POINT_CREATED")
        assert told["servicePoint"] == body
        assert INSTANT.fullmatch(told["timestamp"])
        assert ServicePointChange.objects.get().source == "api"

    def test_takes_the_least_and_leaves_out_the_rest(self, admin: Caller) -> None:
        body = admin.send("POST", "", {**LEAST, "street": None, "city": ""}).json()

        assert {n: body[n] for n in body if n not in ("createdAt", "updatedAt")} == {
            **LEAST,
            "servicePointId": body["servicePointId"],
        }

    def test_refuses_one_that_is_there(self, admin: Caller) -> None:
        admin.send("POST", "", LEAST)
        again = admin.send("POST", "", LEAST)

        assert (again.status_code, again.json()["code"]) == (409, "service_point_exists")
        assert len(events()) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            {"esiid": ""},
            {"esiid": None},
            {"status": ""},
            {"status": "Retired"},
            {"metered": None},
            {"tdspId": 99},
            {"settlementAmsIndicator": "X"},
            {"county": "C" * 61},
            {"owner": "Ada"},
            {"esiid": "1044A"},
            {"street": "a\u0000b"},
        ],
    )
    def test_refuses_what_does_not_fit(self, fault: dict[str, Any], admin: Caller) -> None:
        answer = admin.send("POST", "", {**WHOLE, **fault})

        assert answer.status_code == 400
        assert not ServicePoint.objects.exists()

    @pytest.mark.parametrize("name", ["esiid", "status", "metered"])
    def test_needs_three_fields(self, name: str, admin: Caller) -> None:
        body = {key: value for key, value in WHOLE.items() if key != name}

        answer = admin.send("POST", "", body)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == f"/{name}"


@rolled_back
class TestPut:
    def test_replaces_the_whole(self, admin: Caller) -> None:
        made = admin.send("POST", "", WHOLE).json()

        answer = admin.send("PUT", f"/{made['servicePointId']}", LEAST)

        body = answer.json()
        assert answer.status_code == 200
        assert {n: body[n] for n in body if n != "updatedAt"} == {
            **LEAST,
            "servicePointId": made["servicePointId"],
            "createdAt": made["createdAt"],
        }
        assert [kind for kind, _ in events()] == ["SERVICE_POINT_CREATED", "SERVICE_POINT_UPDATED"]

    def test_takes_back_what_a_get_gave(self, admin: Caller) -> None:
        made = admin.send("POST", "", WHOLE).json()
        path = f"/{made['servicePointId']}"

        body = admin.send("PUT", path, {**made, "city": "HOUSTON", "servicePointId": 7}).json()

        assert (body["city"], body["servicePointId"]) == ("HOUSTON", made["servicePointId"])

    def test_keeps_the_esi_id(self, admin: Caller) -> None:
        made = admin.send("POST", "", WHOLE).json()

        other = {**WHOLE, "esiid": "1008901000000000000002"}
        answer = admin.send("PUT", f"/{made['servicePointId']}", other)

        assert (answer.status_code, answer.json()["code"]) == (400, "esi_id_is_fixed")

    def test_finds_no_other(self, admin: Caller) -> None:
        for path in ("/1", f"/{10**30}"):
            assert admin.send("PUT", path, WHOLE).status_code == 404


@rolled_back
class TestPutBulk:
    def test_makes_and_replaces(self, admin: Caller) -> None:
        admin.send("POST", "", WHOLE)
        other = {**LEAST, "esiid": "1008901000000000000002"}

        answer = admin.send("PUT", "/bulk", [LEAST, other, {**other, "city": "WACO"}])

        assert (answer.status_code, answer.json()) == (200, {"upserted": 2})
        assert ServicePoint.objects.get(esi_id=ESI_ID).street == ""
        assert ServicePoint.objects.get(esi_id=other["esiid"]).city == "WACO"
        assert [kind for kind, _ in events()[1:]] == [
            "SERVICE_POINT_UPDATED",
            "SERVICE_POINT_CREATED",
        ]

    def test_takes_all_or_none(self, admin: Caller) -> None:
        answer = admin.send("PUT", "/bulk", [LEAST, {**LEAST, "status": "?"}])

        assert answer.status_code == 400
        assert not ServicePoint.objects.exists()

    @pytest.mark.parametrize("body", [{}, None, "x", [1]])
    def test_needs_a_list_of_objects(self, body: Any, admin: Caller) -> None:
        assert admin.send("PUT", "/bulk", body).status_code == 400

    def test_needs_as_many_queries_for_many(
        self, admin: Caller, django_assert_max_num_queries: Any
    ) -> None:
        points = [{**LEAST, "esiid": f"100890100000000000{n:04d}"} for n in range(50)]

        with django_assert_max_num_queries(70, using="market"):
            assert admin.send("PUT", "/bulk", points).json() == {"upserted": 50}


@rolled_back
class TestDelete:
    def test_deletes_once(self, admin: Caller) -> None:
        made = admin.send("POST", "", WHOLE).json()
        path = f"/{made['servicePointId']}"

        statuses = [admin.send("DELETE", path).status_code for _ in range(2)]

        assert statuses == [204, 404]
        assert admin.get(path).status_code == 404
        assert admin.get("").json()["totalElements"] == 0
        assert events()[1][0] == "SERVICE_POINT_DELETED"
        assert events()[1][1]["servicePoint"]["street"] == "100 SAMPLE DR"

    def test_lets_it_be_made_again(self, admin: Caller) -> None:
        made = admin.send("POST", "", WHOLE).json()
        admin.send("DELETE", f"/{made['servicePointId']}")

        again = admin.send("POST", "", LEAST)

        assert again.status_code == 201
        assert again.json()["servicePointId"] == made["servicePointId"]
        assert [kind for kind, _ in events()][-1] == "SERVICE_POINT_CREATED"


@rolled_back
class TestPages:
    def test_are_counted_from_zero(self, admin: Caller, user: Caller) -> None:
        points = [{**LEAST, "esiid": f"100890100000000000{n:04d}"} for n in range(5)]
        admin.send("PUT", "/bulk", points)

        pages = [user.get(f"?page={page}&size=2").json() for page in range(4)]

        ids = [[one["esiid"][-1] for one in page["content"]] for page in pages]
        assert ids == [["0", "1"], ["2", "3"], ["4"], []]
        assert {name: pages[1][name] for name in pages[1] if name != "content"} == {
            "page": 1,
            "size": 2,
            "totalElements": 5,
            "totalPages": 3,
        }
        assert user.get("").json()["size"] == 20

    def test_cost_the_same_whatever_their_size(
        self, admin: Caller, user: Caller, django_assert_num_queries: Any
    ) -> None:
        points = [{**LEAST, "esiid": f"100890100000000000{n:04d}"} for n in range(30)]
        admin.send("PUT", "/bulk", points)

        for size in (1, 30):
            with django_assert_num_queries(4, using="market"):
                user.get(f"?size={size}")

    @pytest.mark.parametrize("query", ["page=-1", "size=0", "size=1001", "page=x"])
    def test_have_limits(self, query: str, user: Caller) -> None:
        assert user.get(f"?{query}").status_code == 400


@rolled_back
class TestWhoMay:
    @pytest.mark.parametrize(
        ("role", "reads", "writes"),
        [
            ("centerpoint-service-point-admin", 200, 201),
            ("centerpoint-service-point-user", 200, 403),
            ("admin", 200, 201),
            ("service", 200, 403),
            ("customer", 403, 403),
            ("csr", 403, 403),
            ("nobody", 403, 403),
        ],
    )
    def test_is_said_by_the_role(
        self, role: str, reads: int, writes: int, token_issuer: TokenIssuer
    ) -> None:
        caller = Caller(token_issuer.token(roles=[role]))

        assert caller.get("").status_code == reads
        assert caller.send("POST", "", WHOLE).status_code == writes

    def test_is_nobody_without_token(self, token_issuer: TokenIssuer) -> None:
        calls = [
            ("GET", ""),
            ("POST", ""),
            ("GET", "/1"),
            ("PUT", "/1"),
            ("DELETE", "/1"),
            ("PUT", "/bulk"),
        ]
        for method, path in calls:
            assert Client().generic(method, f"{BASE}{path}").status_code == 401


class TestTheFeed:
    def test_shows_changes_and_deletions_once(self, fresh_database: str, token_issuer: Any) -> None:
        writer = Caller(token_issuer.token(roles=["admin"]))
        made = writer.send("POST", "", WHOLE).json()
        writer.send("POST", "", {**LEAST, "esiid": "1008901000000000000002"})

        wait_for_all_before()
        first = self.read(writer, "")
        writer.send("DELETE", f"/{made['servicePointId']}")
        wait_for_all_before()
        second = self.read(writer, f"?cursor={first['nextCursor']}")
        third = self.read(writer, f"?cursor={second['nextCursor']}")

        assert [item["record"]["esiid"][-1] for item in first["items"]] == ["1", "2"]
        assert first["items"][0]["record"] == made
        assert second["items"] == [{"id": made["servicePointId"], "isDeleted": True}]
        assert third["items"] == []

    def read(self, caller: Caller, query: str) -> Any:
        return caller.client.get(f"/api/v1/market/changes/service-points{query}").json()
