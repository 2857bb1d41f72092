"""The admin's pages of this context."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.market.models import Iso, ReadDate, RefusedReadRow, Tdsp
from ossrep.market.usecases.import_read_calendar import import_read_calendar

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


def _load(folder: Path, cycles: int) -> None:
    rows = "".join(f"ONCOR_ELEC,{c:02},2026-11,2026-11-{c:02}\n" for c in range(1, cycles + 1))
    path = folder / "reads.csv"
    path.write_text(f"tdsp,read_cycle,month,read_date\n{rows}NOBODY,01,2026-11,2026-11-01\n")
    list(import_read_calendar(paths=[path]))


class TestTdspPage:
    def test_shows_how_far_the_calendar_goes(self, admin: Client, tmp_path: Path) -> None:
        _load(tmp_path, 3)

        page = admin.get("/admin/market/tdsp/?q=oncor").content.decode()

        assert '<td class="field-cycles">3</td>' in page
        assert "Nov. 3, 2026" in page

    def test_lets_a_number_be_mended_and_keeps_its_history(self, admin: Client) -> None:
        tdsp = Tdsp.objects.get(code="ENTERGY_GULF")

        admin.post(
            f"/admin/market/tdsp/{tdsp.pk}/change/",
            {"name": tdsp.name, "duns": "123456789", "outage_phone": "", "source": "its letter"},
        )

        tdsp.refresh_from_db()
        assert (tdsp.code, tdsp.duns, tdsp.source) == ("ENTERGY_GULF", "123456789", "its letter")
        update = tdsp.events.filter(pgh_label="update").get()
        assert (update.duns, update.pgh_context["username"]) == ("123456789", "ada")

    def test_takes_a_new_one(self, admin: Client) -> None:
        admin.post(
            "/admin/market/tdsp/add/",
            {"iso": Iso.objects.get().pk, "code": "NEWCO", "name": "New Wires"},
        )

        assert Tdsp.objects.get(code="NEWCO").name == "New Wires"


class TestRefusedRowPage:
    def test_settles_by_action(self, admin: Client, tmp_path: Path) -> None:
        _load(tmp_path, 1)
        row = RefusedReadRow.objects.get()
        url = "/admin/market/refusedreadrow/"

        admin.post(url, {"action": "retry", "_selected_action": [row.pk]})
        row.refresh_from_db()
        assert row.settlement == ""

        admin.post(url, {"action": "discard", "_selected_action": [row.pk]})
        row.refresh_from_db()
        assert row.settlement == "discarded"


class TestReadDatePage:
    def test_is_read_only(self, admin: Client, tmp_path: Path) -> None:
        _load(tmp_path, 1)
        day = ReadDate.objects.get()

        answer = admin.post(f"/admin/market/readdate/{day.pk}/change/", {"read_date": "2026-11-02"})

        assert answer.status_code == 403

    @pytest.mark.parametrize("path", ["iso", "tdsp", "readdate", "refusedreadrow"])
    def test_lists_with_as_many_queries_for_more_rows(
        self, admin: Client, tmp_path: Path, path: str
    ) -> None:
        counts = []
        for cycles in (2, 20):
            _load(tmp_path, cycles)
            with CaptureQueriesContext(connections["market"]) as queries:
                assert admin.get(f"/admin/market/{path}/?q=oncor").status_code == 200
                assert admin.get(f"/admin/market/{path}/").status_code == 200
            counts.append(len(queries))

        assert counts[0] == counts[1]
