"""What the public may ask of the registry, and nothing more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from ossrep.market.domain.addresses import street_keys
from ossrep.market.models import ServicePoint

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
INTERNAL = {"servicePointId", "told", "stationCode", "changedXid", "county", "meterReadCycle", "id"}


def point(esi_id: str, street: str, **fields: Any) -> None:
    keys = street_keys(street)
    ServicePoint.objects.create(
        esi_id=esi_id,
        street=street,
        house_number=keys.house_number,
        street_start=keys.start,
        street_end=keys.end,
        changed_at=NOW,
        **{
            "tdsp_code": "ONCOR_ELEC",
            "city": "DALLAS",
            "state": "TX",
            "zip_code": "75204",
            "status": "Active",
            **fields,
        },
    )


@pytest.fixture
def caller() -> Client:
    point("10443720000000001", "1200 BLUEBONNET LN", county="DALLAS", station="XYZ")
    point("10443720000000002", "1200 BLUEBONNET LN", street_line2="APT 2")
    point("10443720000000003", "1200 MESQUITE BND")
    point("10443720000000004", "99 MESQUITE BND", deleted_at=NOW)
    return Client()


class TestAddresses:
    @pytest.mark.parametrize(
        ("query", "esi_ids"),
        [
            ("q=1200 bluebonnet lane&zip=75204", ["...1", "...2"]),
            ("q=1200 bluebonnet lane&zip=75204-1234", ["...1", "...2"]),
            ("q=1200 bluebonet ln", ["...1", "...2"]),
            ("q=1200 blubonnet lane apt 2, dallas, tx 75204", ["...2", "...1"]),
            ("q=1200 Mezquite Bend dallas", ["...3"]),
            ("q=1200 mesquite bend&zip=75999", ["...3"]),
            ("q=1020 bluebonnet ln", ["...1", "...2"]),
            ("q=1020 bluebonnet ln&zip=75204", ["...1", "...2"]),
            ("q=1020 bluebonnet ln&zip=75999", ["...1", "...2"]),
            ("q=99 mesquite bend&zip=75204", []),
            ("q=bluebonnet lane", []),
            ("q=1200 cactus wren&zip=75204", []),
        ],
    )
    def test_are_found(self, query: str, esi_ids: list[str], caller: Client) -> None:
        items = caller.get(f"/api/v1/addresses?{query}").json()["items"]

        assert [f"...{item['esiId'][-1]}" for item in items] == esi_ids

    def test_say_what_is_needed_and_no_more(self, caller: Client) -> None:
        (first, _) = caller.get("/api/v1/addresses?q=1200 BLUEBONNET LN, Dallas 75204").json()[
            "items"
        ]

        assert first == {
            "esiId": "10443720000000001",
            "tdspCode": "ONCOR_ELEC",
            "street": "1200 BLUEBONNET LN",
            "unit": "",
            "city": "DALLAS",
            "state": "TX",
            "zip": "75204",
            "score": 100.0,
        }

    @pytest.mark.parametrize("query", ["", "q=ab", f"q={'x' * 201}", "q=1 oak&zip=752", "q=%00ab"])
    def test_refuse_what_does_not_fit(self, query: str, caller: Client) -> None:
        assert caller.get(f"/api/v1/addresses?{query}").status_code == 400

    @pytest.mark.parametrize(
        "text",
        ["%", "_", "'; DROP TABLE service_point", "1 %", "9" * 150, "1 " + "a " * 90],
    )
    def test_bear_any_text(self, text: str, caller: Client) -> None:
        assert caller.get("/api/v1/addresses", {"q": f"1 {text}"}).json() == {"items": []}


class TestEsiIds:
    def test_say_whether_it_can_be_served(self, caller: Client) -> None:
        ServicePoint.objects.filter(esi_id="10443720000000003").update(
            status="De-Energized", is_metered=True, has_switch_hold=True
        )

        assert caller.get("/api/v1/esi-ids/10443720000000001").json() == {
            "esiId": "10443720000000001",
            "tdspCode": "ONCOR_ELEC",
            "isActive": True,
        }
        assert caller.get("/api/v1/esi-ids/10443720000000003").json() == {
            "esiId": "10443720000000003",
            "tdspCode": "ONCOR_ELEC",
            "isActive": False,
            "isMetered": True,
            "hasSwitchHold": True,
        }

    @pytest.mark.parametrize("esi_id", ["10443720000000004", "1", "x" * 500, "10443720000000009"])
    def test_are_not_there_where_nobody_knows_them(self, esi_id: str, caller: Client) -> None:
        answer = caller.get(f"/api/v1/esi-ids/{esi_id}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestTheExternalSurface:
    def test_names_a_service_point_by_esi_id_only(self, caller: Client) -> None:
        answers = [
            *caller.get("/api/v1/addresses?q=1200 bluebonnet ln").json()["items"],
            caller.get("/api/v1/esi-ids/10443720000000001").json(),
        ]

        assert not INTERNAL.intersection(*map(set, answers))
        assert not any(INTERNAL.intersection(answer) for answer in answers)

    @pytest.mark.parametrize(
        "path", ["service-points", "service-points/1", "isos", "market/changes/service-points"]
    )
    def test_has_no_internal_route(self, path: str) -> None:
        with pytest.raises(Resolver404):
            resolve(f"/api/v1/{path}", urlconf="config.urls_external")
