"""A customer's usage over HTTP: only while the account was served, gaps as gaps."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from lxml import etree

from ossrep.infra import services
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.external_role import external
from ossrep.meter.files.espi import ESPI
from ossrep.meter.models import MeterPoint, RegisterUsage
from ossrep.published.customer import CustomerService, LoginRight
from tests.customer_scopes import a_login, a_scope, day, signed_in
from tests.factories.interval_files import ADay, esi_id, lse
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.integration.meter.importing import import_bytes
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
ESI_ID = esi_id(1)
MOVED = day("2026-06-15")
FORMER = an_account(
    account_id=1,
    contracts=[a_contract(contract_id=1, account_id=1, esi_id=ESI_ID, end_date=MOVED)],
)
PRESENT = an_account(
    account_id=2,
    contracts=[
        a_contract(contract_id=2, account_id=2, esi_id=ESI_ID, start_date=MOVED),
        a_contract(contract_id=3, account_id=2, esi_id=esi_id(2), start_date=MOVED),
    ],
)
STRANGER = an_account(account_id=3)


@pytest.fixture
def book() -> Iterator[InMemoryCustomers]:
    customers = InMemoryCustomers([FORMER, PRESENT, STRANGER])
    with services.standing_in(CustomerService, customers):
        yield customers


@pytest.fixture
def usage(book: InMemoryCustomers, tmp_path: Path) -> None:
    """June 12 to 18 but the 16th; the second meter exports from the 17th on; reads of the TDSP."""
    dates = [day(f"2026-06-{number}") for number in (12, 13, 14, 15, 17, 18)]
    days = [
        ADay(esi_id=ESI_ID, date=date, wh=[date.day] * 96, quality="E" if date.day == 14 else "A")
        for date in dates
    ]
    days += [
        ADay(esi_id=esi_id(2), date=day("2026-06-17"), direction=direction, wh=[wh] * 96)
        for direction, wh in (("import", 5), ("export", 7))
    ]
    import_bytes(tmp_path, "days.lse", lse(days))
    point = MeterPoint.objects.get(esi_id=ESI_ID)
    for start, end in (("2026-06-12", "2026-06-15"), ("2026-06-13", "2026-06-17")):
        RegisterUsage.objects.create(
            meter_point=point,
            start_date=start,
            end_date=end,
            import_wh=1000,
            export_wh=0,
            is_estimated=False,
            is_final=False,
            source_reference=start,
            received_at=dt.datetime(2026, 6, 10, tzinfo=dt.UTC),
        )


@pytest.fixture
def former(book: InMemoryCustomers, token_issuer: TokenIssuer) -> Client:
    return signed_in(book, token_issuer, subject="former", login=a_login(FORMER))


@pytest.fixture
def present(book: InMemoryCustomers, token_issuer: TokenIssuer) -> Client:
    return signed_in(book, token_issuer, subject="present", login=a_login(PRESENT))


SPAN = "from=2026-06-01&to=2026-07-01"


def totals(client: Client, account_id: int, query: str = SPAN) -> dict[str, list[Any]]:
    found = client.get(f"/api/v1/me/accounts/{account_id}/usage?{query}").json()
    return {
        f"{point['esiId']} {channel['direction']}": [
            (reading["start"][:10], reading["kwh"], reading["quality"])
            for reading in channel["readings"]
            if reading["kwh"] is not None
        ]
        for point in found["servicePoints"]
        for channel in point["channels"]
    }


@pytest.mark.usefixtures("usage")
class TestUsage:
    def test_ends_for_a_former_tenant_with_the_own_service(self, former: Client) -> None:
        assert totals(former, 1) == {
            f"{ESI_ID} import": [
                ("2026-06-12", "1.152", "actual"),
                ("2026-06-13", "1.248", "actual"),
                ("2026-06-14", "1.344", "estimated"),
            ]
        }

    def test_begins_for_the_next_tenant_with_the_own_service(self, present: Client) -> None:
        assert totals(present, 2) == {
            f"{ESI_ID} import": [
                ("2026-06-15", "1.440", "actual"),
                ("2026-06-17", "1.632", "actual"),
                ("2026-06-18", "1.728", "actual"),
            ],
            f"{esi_id(2)} import": [("2026-06-17", "0.480", "actual")],
            f"{esi_id(2)} export": [("2026-06-17", "0.672", "actual")],
        }

    def test_shows_a_day_without_values_as_a_gap(self, present: Client) -> None:
        query = "from=2026-06-15&to=2026-06-18&esiId=" + ESI_ID
        found = present.get(f"/api/v1/me/accounts/2/usage?{query}").json()

        (point,) = found["servicePoints"]
        (channel,) = point["channels"]
        assert channel["missingIntervals"] == 96
        assert channel["readings"][1] == {
            "start": "2026-06-16T00:00:00-05:00",
            "end": "2026-06-17T00:00:00-05:00",
            "kwh": None,
            "quality": "missing",
            "missingIntervals": 96,
        }

    def test_gives_reads_of_the_tdsp_within_the_own_service_only(
        self, former: Client, present: Client
    ) -> None:
        query = f"{SPAN}&granularity=month"
        own = former.get(f"/api/v1/me/accounts/1/usage?{query}").json()
        other = present.get(f"/api/v1/me/accounts/2/usage?{query}").json()

        # The second read spans both tenants, so that nobody gets it.
        assert [read["from"] for read in own["servicePoints"][0]["meterReads"]] == ["2026-06-12"]
        assert [point["meterReads"] for point in other["servicePoints"]] == [[], []]

    def test_is_csv_where_that_is_wanted(self, former: Client) -> None:
        by_accept = former.get(
            f"/api/v1/me/accounts/1/usage?{SPAN}&granularity=15min", headers={"Accept": "text/csv"}
        )
        by_format = former.get(f"/api/v1/me/accounts/1/usage?{SPAN}&granularity=15min&format=csv")

        assert by_accept.content == by_format.content
        assert by_accept["Content-Type"] == "text/csv; charset=utf-8"
        assert by_accept["Content-Disposition"] == (
            'attachment; filename="usage-1-2026-06-01-2026-07-01.csv"'
        )
        assert by_accept["Cache-Control"] == "no-store"
        rows = list(csv.DictReader(by_accept.content.decode().splitlines()))
        assert len(rows) == 14 * 96
        assert sum(row["kwh"] != "" for row in rows) == 3 * 96

    def test_leaves_out_what_is_still_to_come(self, present: Client) -> None:
        answer = present.get("/api/v1/me/accounts/2/usage?from=2099-01-01&to=2099-02-01")

        assert (answer.status_code, answer.json()["servicePoints"]) == (200, [])

    @pytest.mark.parametrize(
        ("query", "code", "pointer"),
        [
            ("from=yesterday", "invalid_date", "/from"),
            ("to=20260601", "invalid_date", "/to"),
            ("from=2026-06-02&to=2026-06-02", "invalid_period", "/to"),
            ("granularity=week", "invalid_choice", "/granularity"),
        ],
    )
    def test_says_what_is_wrong_with_the_question(
        self, query: str, code: str, pointer: str, former: Client
    ) -> None:
        answer = former.get(f"/api/v1/me/accounts/1/usage?{query}")

        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["code"], error["pointer"]) == (400, code, pointer)

    def test_has_a_limit_that_it_names(self, former: Client) -> None:
        answer = former.get(
            "/api/v1/me/accounts/1/usage?from=2024-01-01&to=2026-01-01&granularity=15min&format=csv"
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "usage_too_long")
        assert answer["Content-Type"] == "application/problem+json"
        assert "400 days at most" in answer.json()["detail"]

    def test_takes_as_many_queries_for_many_meters_as_for_one(
        self, present: Client, django_assert_num_queries: Any
    ) -> None:
        url = f"/api/v1/me/accounts/2/usage?{SPAN}"
        present.get(url)

        for query in (url, f"{url}&esiId={ESI_ID}"):
            with django_assert_num_queries(8, using="meter"):
                assert present.get(query).status_code == 200


@pytest.mark.usefixtures("usage")
class TestForeignUsage:
    @pytest.mark.parametrize("call", ["usage", "usage/green-button"])
    def test_is_answered_as_absent(self, call: str, former: Client) -> None:
        answers = [
            former.get(f"/api/v1/me/accounts/{account_id}/{call}?{SPAN}")
            for account_id in (2, 999, 10**30)
        ]

        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    def test_of_an_esi_id_is_answered_as_absent(self, former: Client) -> None:
        answers = [
            former.get(f"/api/v1/me/accounts/1/usage?{SPAN}&esiId={esi}")
            for esi in (esi_id(2), "10443729999999999", "'", "x" * 500)
        ]

        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    def test_needs_a_token_and_the_right_to_look(
        self, book: InMemoryCustomers, token_issuer: TokenIssuer
    ) -> None:
        payer = signed_in(
            book, token_issuer, subject="p", login=a_login(FORMER, rights=[LoginRight.PAY])
        )
        url = f"/api/v1/me/accounts/1/usage?{SPAN}"

        assert Client().get(url).status_code == 401
        assert payer.get(url).json()["code"] == "right_missing"


def rows_seen(scope: CustomerScope) -> dict[str, int]:
    """What a query without any filter of its own would get."""
    with external("meter", scope=scope), connections["meter"].cursor() as cursor:
        found = {}
        for table in ("interval_day", "register_usage", "meter_point"):
            # Points may be read by some columns only.
            cursor.execute(f"SELECT count(id) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.usefixtures("usage")
class TestSecondLock:
    def test_shows_no_row_to_a_stranger(self) -> None:
        assert rows_seen(a_scope(STRANGER)) == {
            "interval_day": 0,
            "register_usage": 0,
            "meter_point": 0,
        }

    def test_shows_the_days_of_the_own_service(self) -> None:
        assert rows_seen(a_scope(FORMER)) == {
            "interval_day": 3,
            "register_usage": 1,
            "meter_point": 1,
        }
        assert rows_seen(a_scope(PRESENT)) == {
            "interval_day": 5,
            "register_usage": 0,
            "meter_point": 2,
        }

    def test_is_what_keeps_them(self) -> None:
        with connections["meter"].cursor() as cursor:
            cursor.execute("SET LOCAL ROLE meter_owner")
            for table in ("interval_day", "register_usage", "meter_point"):
                cursor.execute(f"ALTER POLICY external_reads ON {table} USING (true)")
            cursor.execute("SET LOCAL ROLE meter")

        assert rows_seen(a_scope(STRANGER)) == {
            "interval_day": 8,
            "register_usage": 2,
            "meter_point": 2,
        }


@pytest.mark.usefixtures("usage")
class TestGreenButton:
    def test_has_the_quarter_hours_of_the_own_service(self, former: Client) -> None:
        answer = former.get(f"/api/v1/me/accounts/1/usage/green-button?{SPAN}")

        feed = etree.fromstring(answer.content)
        blocks = feed.findall(f".//{{{ESPI}}}IntervalBlock")
        values = [int(v.text or "") for v in feed.iterfind(f".//{{{ESPI}}}value")]
        assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert answer["Content-Disposition"] == (
            'attachment; filename="green-button-1-2026-06-01-2026-07-01.xml"'
        )
        assert len(blocks) == 3
        assert values == [12] * 96 + [13] * 96 + [14] * 96
