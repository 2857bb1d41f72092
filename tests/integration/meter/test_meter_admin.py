"""The admin's pages of usage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.meter.models import (
    IntervalDay,
    LoadProfile,
    MeterPoint,
    QuarantinedRecord,
    VeeRuleset,
    VeeThreshold,
)
from tests.factories.interval_files import ESI_ID, NORMAL_DAY, ADay, esi_id, interval_csv, lse
from tests.integration.meter.importing import count_rows, import_bytes, known_esi_ids

pytestmark = pytest.mark.django_db(databases="__all__")

UNKNOWN = "10443729999999999"
LISTS = (
    "meterpoint",
    "intervalday",
    "intake",
    "quarantinedrecord",
    "registerusage",
    "veethreshold",
    "veeruleset",
    "veeresult",
    "loadprofile",
)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


def page(admin: Client, path: str) -> str:
    response = admin.get(f"/admin/meter/{path}")
    assert response.status_code == 200
    return response.content.decode()


def load(folder: Path, points: int) -> None:
    days = [ADay(esi_id=esi_id(i), wh=[0] * 96) for i in range(1, points + 1)]
    import_bytes(folder, f"{points}.lse", lse([*days, ADay(esi_id=UNKNOWN)]))


class TestLists:
    @pytest.mark.parametrize("name", LISTS)
    def test_open_and_ask_as_often_for_many_rows_as_for_few(
        self, admin: Client, tmp_path: Path, name: str
    ) -> None:
        load(tmp_path, 2)
        page(admin, f"{name}/")
        counts = []
        for points in (2, 9):
            load(tmp_path, points)
            with CaptureQueriesContext(connections["meter"]) as queries:
                page(admin, f"{name}/")
            counts.append(len(queries))

        assert counts[0] == counts[1]

    @pytest.mark.parametrize(
        "name", ["meterpoint", "intervalday", "veeresult", "quarantinedrecord", "registerusage"]
    )
    def test_find_an_esi_id(self, admin: Client, tmp_path: Path, name: str) -> None:
        load(tmp_path, 3)

        found = page(admin, f"{name}/?q={esi_id(2)}")

        assert esi_id(3) not in found


class TestIntervalDayPage:
    def test_shows_a_chart_its_values_and_where_they_came_from(
        self, admin: Client, tmp_path: Path
    ) -> None:
        wh = [250] * 95 + [-1]
        import_bytes(tmp_path, "a.csv", interval_csv([ADay(wh=wh, quality="E" * 2 + "A" * 94)]))

        found = page(admin, f"intervalday/{IntervalDay.objects.get().pk}/change/")

        assert found.count("<rect") == 96
        assert "<title>kWh of each quarter hour</title>" in found
        assert 'title="estimated by the sender"' in found
        assert "0.250 E" in found
        assert "missing" in found
        assert "gap, stuck" in found
        assert f"{tmp_path / 'a.csv'}, line 2" in found

    def test_shows_which_revision_counts(self, admin: Client, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay()]))
        later = ADay(wh=[1] * 96, known_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
        import_bytes(tmp_path, "b.lse", lse([later]))

        found = page(admin, f"intervalday/?q={ESI_ID}")

        assert found.count('alt="True"') == 1
        assert found.count('alt="False"') == 1

    def test_has_only_the_newest_days_without_a_search(self, admin: Client, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay(), ADay(direction="export")]))

        found = page(admin, "intervalday/")
        by_date = page(admin, f"intervalday/?date={NORMAL_DAY}&direction__exact=1")

        assert (found.count("field-kwh"), by_date.count("field-kwh")) == (2, 1)

    @pytest.mark.parametrize("action", ["change", "delete"])
    def test_changes_nothing(self, admin: Client, tmp_path: Path, action: str) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay()]))
        day = IntervalDay.objects.get()

        response = admin.post(f"/admin/meter/intervalday/{day.pk}/{action}/", {"post": "yes"})

        assert response.status_code == 403
        assert admin.get("/admin/meter/intervalday/add/").status_code == 403
        assert count_rows("interval_day") == 1


class TestQuarantinePage:
    def test_retries_and_dismisses(self, admin: Client, tmp_path: Path) -> None:
        days = [ADay(esi_id=UNKNOWN), ADay(wh=[1] * 92)]
        import_bytes(tmp_path, "a.csv", interval_csv(days))
        first, second = QuarantinedRecord.objects.order_by("reason")

        def act(action: str, record: QuarantinedRecord) -> str:
            answer = admin.post(
                "/admin/meter/quarantinedrecord/",
                {"action": action, "_selected_action": [record.pk]},
                follow=True,
            )
            return answer.content.decode()

        with known_esi_ids(UNKNOWN):
            retried = act("retry", first)
        dismissed = act("dismiss", second)

        assert "1 loaded, 0 still refused" in retried
        assert "1 dismissed" in dismissed
        second.refresh_from_db()
        assert second.decision == "dismissed in the admin by ada"

    def test_shows_what_was_received(self, admin: Client, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.csv", interval_csv([ADay(wh=[1] * 92)]))

        found = page(admin, f"quarantinedrecord/{QuarantinedRecord.objects.get().pk}/change/")

        assert "0.001,0.001" in found
        assert "92 quarter hours where 2026-02-18 has 96" in found


class TestThresholdPage:
    def test_changes_a_value_and_keeps_its_history(self, admin: Client) -> None:
        threshold = VeeThreshold.objects.get(rule="stuck")

        admin.post(f"/admin/meter/veethreshold/{threshold.pk}/change/", {"value": "40"})

        threshold.refresh_from_db()
        assert threshold.value == 40
        update = threshold.events.filter(pgh_label="update").get()
        assert (update.value, update.pgh_context["username"]) == (40, "ada")

    def test_takes_one_for_a_meter_point(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)
        point = MeterPoint.objects.get()

        admin.post(
            "/admin/meter/veethreshold/add/",
            {
                "rule": "gap",
                "name": "missing_intervals_max",
                "meter_point": point.pk,
                "value": "4",
            },
        )

        assert VeeThreshold.objects.get(meter_point=point).value == 4

    def test_refuses_what_no_rule_knows(self, admin: Client) -> None:
        answer = admin.post(
            "/admin/meter/veethreshold/add/", {"rule": "gap", "name": "x", "value": "4"}
        )

        assert "There is no such threshold" in answer.content.decode()
        assert not VeeThreshold.objects.filter(name="x").exists()


class TestOtherPages:
    def test_open(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)

        point = page(admin, f"meterpoint/{MeterPoint.objects.get().pk}/change/")
        ruleset = page(admin, f"veeruleset/{VeeRuleset.objects.get().pk}/change/")
        profile = page(admin, f"loadprofile/{LoadProfile.objects.first().pk}/change/")  # type: ignore[union-attr]

        assert f"/admin/meter/intervalday/?q={ESI_ID}" in point
        assert "spike.wh_considered_from" in ruleset
        assert profile.count("<rect") == 96
