"""ISOs and TDSPs, as the consumers of the service-point service call them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CODES = [
    "CENTERPOINT",
    "ONCOR_ELEC",
    "AEP_CENTRAL",
    "AEP_NORTH",
    "TNMP",
    "LUBBOCK",
    "NUECES_ELEC",
    "ENTERGY_GULF",
    "SHARYLAND",
    "SWEPCO_ENERG",
    "AEP_TEXAS_SP",
]


@pytest.fixture
def reader(token_issuer: TokenIssuer) -> Client:
    token = token_issuer.token(roles=["centerpoint-service-point-user"])
    return Client(headers={"Authorization": f"Bearer {token}"})


class TestIsos:
    def test_is_ercot(self, reader: Client) -> None:
        (found,) = reader.get("/api/v1/isos").json()

        assert INSTANT.fullmatch(found.pop("createdAt"))
        assert INSTANT.fullmatch(found.pop("updatedAt"))
        assert found == {
            "isoId": 1,
            "code": "ERCOT",
            "name": "Electric Reliability Council of Texas",
        }

    def test_is_found_by_id(self, reader: Client) -> None:
        assert reader.get("/api/v1/isos/1").json()["code"] == "ERCOT"

    @pytest.mark.parametrize("iso_id", [2, 0, 10**30])
    def test_is_not_there_by_another_id(self, iso_id: int, reader: Client) -> None:
        answer = reader.get(f"/api/v1/isos/{iso_id}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestTdsps:
    def test_are_eleven_in_the_published_order(self, reader: Client) -> None:
        found = reader.get("/api/v1/tdsps").json()

        assert [(row["tdspId"], row["code"]) for row in found] == list(enumerate(CODES, start=1))

    def test_are_found_by_code(self, reader: Client) -> None:
        (found,) = reader.get("/api/v1/tdsps?code=CENTERPOINT").json()

        assert found == reader.get("/api/v1/tdsps/1").json()
        assert INSTANT.fullmatch(found.pop("createdAt"))
        assert INSTANT.fullmatch(found.pop("updatedAt"))
        assert found == {
            "tdspId": 1,
            "isoId": 1,
            "code": "CENTERPOINT",
            "name": "CenterPoint Energy",
            "duns": "957877905",
        }

    def test_leave_out_a_number_that_nobody_knows(self, reader: Client) -> None:
        assert "duns" not in reader.get("/api/v1/tdsps/8").json()

    def test_are_none_by_an_unknown_code(self, reader: Client) -> None:
        for code in ("NOPE", "centerpoint"):
            assert reader.get(f"/api/v1/tdsps?code={code}").json() == []

    def test_take_no_nul_character(self, reader: Client) -> None:
        answer = reader.get("/api/v1/tdsps?code=%00")

        assert (answer.status_code, answer.json()["code"]) == (400, "nul_character")


class TestWhoMay:
    @pytest.mark.parametrize(
        ("role", "status"),
        [
            ("centerpoint-service-point-admin", 200),
            ("market", 200),
            ("service", 200),
            ("customer", 403),
            ("user", 403),
            ("service-point:user", 403),
        ],
    )
    def test_is_said_by_the_matrix(self, role: str, status: int, token_issuer: TokenIssuer) -> None:
        headers = {"Authorization": f"Bearer {token_issuer.token(roles=[role])}"}

        for path in ("isos", "isos/1", "tdsps", "tdsps/1"):
            assert Client().get(f"/api/v1/{path}", headers=headers).status_code == status

    def test_is_nobody_without_token(self, token_issuer: TokenIssuer) -> None:
        assert Client().get("/api/v1/tdsps").status_code == 401
