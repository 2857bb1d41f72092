"""What others ask the registry."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.models import ServicePoint, ServicePointTally, Tdsp, TdspAlias, TdspDuns
from ossrep.market.queries.tdsps import tdsp_codes_by_duns
from ossrep.market.service import MarketService
from ossrep.published import market

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def point(esi_id: str, **fields: object) -> ServicePoint:
    return ServicePoint.objects.create(esi_id=esi_id, changed_at=NOW, **fields)


class TestListTdspsOfZip:
    def test_are_all_that_have_a_point_there(self) -> None:
        for number, (zip_code, code) in enumerate(
            [
                ("75204", "ONCOR_ELEC"),
                ("75204", "ONCOR_ELEC"),
                ("75204", "TNMP"),
                ("75205", "AEP_NORTH"),
                ("75204", ""),
            ]
        ):
            point(f"1044372000000000{number}", zip_code=zip_code, tdsp_code=code)

        service = MarketService()

        assert service.list_tdsps_of_zip(zip_code="75204") == ["ONCOR_ELEC", "TNMP"]
        assert service.list_tdsps_of_zip(zip_code="75205-1234") == ["AEP_NORTH"]
        assert service.list_tdsps_of_zip(zip_code="99999") == []

    def test_are_no_more_where_their_last_point_went(self) -> None:
        moved = point("10443720000000001", zip_code="75204", tdsp_code="ONCOR_ELEC")
        deleted = point("10443720000000002", zip_code="75204", tdsp_code="TNMP")
        point("10443720000000003", zip_code="75204-1234", tdsp_code="AEP_NORTH")
        moved.zip_code, deleted.deleted_at = "75205", NOW
        moved.save()
        deleted.save()

        service = MarketService()

        assert service.list_tdsps_of_zip(zip_code="75204") == ["AEP_NORTH"]
        assert service.list_tdsps_of_zip(zip_code="75205") == ["ONCOR_ELEC"]


class TestFindServicePoints:
    def test_are_those_that_are_there(self) -> None:
        point("10443720000000001", status="Active", street="1 OAK ST", has_switch_hold=False)
        point("10443720000000002", deleted_at=NOW)

        found = MarketService().find_service_points(
            esi_ids=["10443720000000001", "10443720000000002", "10443720000000003"]
        )

        assert found == {
            "10443720000000001": market.ServicePoint(
                esi_id="10443720000000001",
                tdsp_code="",
                status="Active",
                street="1 OAK ST",
                street_line2="",
                city="",
                state="",
                zip_code="",
                county="",
                read_cycle="",
                premise_type="",
                is_metered=None,
                has_switch_hold=False,
            )
        }


class TestTheTally:
    def test_follows_what_is_live(self) -> None:
        def total() -> int:
            return sum(ServicePointTally.objects.values_list("delta", flat=True))

        first = point("10443720000000001")
        assert first.pk >= 10**18
        for number in range(2, 300):
            point(f"{number:017d}")
        ServicePoint.objects.bulk_create(
            [ServicePoint(esi_id="10443720000000001", changed_at=NOW)], ignore_conflicts=True
        )
        assert total() == 299
        assert ServicePointTally.objects.count() < 210

        first.deleted_at = NOW
        first.save()
        assert total() == 298
        first.deleted_at = None
        first.save()
        assert total() == 299


class TestReferenceData:
    def test_has_the_territories_and_numbers(self) -> None:
        aliases = dict(TdspAlias.objects.values_list("territory", "tdsp__code"))

        assert len(aliases) == 13
        assert aliases["SHARYLAND_MCALLEN"] == aliases["SHARYLAND_UTILITIES"] == "SHARYLAND"
        assert TdspDuns.objects.get(duns="026763672").tdsp.code == "SHARYLAND"
        assert TdspDuns.objects.get(duns="957877905").tdsp.code == "CENTERPOINT"


class TestTdspCodesByDuns:
    def test_know_numbers_in_use_and_those_that_were(self) -> None:
        oncor, tnmp = (Tdsp.objects.get(code=code) for code in ("ONCOR_ELEC", "TNMP"))
        TdspDuns.objects.create(duns="100200300", tdsp=tnmp)

        found = tdsp_codes_by_duns(duns=[oncor.duns, "100200300", "999999999", ""])

        assert found == {oncor.duns: "ONCOR_ELEC", "100200300": "TNMP"}

    def test_give_a_number_to_who_uses_it(self) -> None:
        oncor, tnmp = (Tdsp.objects.get(code=code) for code in ("ONCOR_ELEC", "TNMP"))
        TdspDuns.objects.update_or_create(duns=oncor.duns, defaults={"tdsp": tnmp})

        assert tdsp_codes_by_duns(duns=[oncor.duns]) == {oncor.duns: "ONCOR_ELEC"}
