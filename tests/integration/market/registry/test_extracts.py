"""ERCOT's extracts into the registry; counts of the constructed files are in their provenance."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ossrep.market.models import ServicePoint
from ossrep.market.usecases.extracts.importing import ExtractOutcome, import_esi_ids

pytestmark = pytest.mark.django_db(databases="__all__")
FILES = Path(__file__).parents[3] / "fixtures/market/esi_id_extract"
NOW = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)


def take(*paths: Path, now: dt.datetime = NOW) -> list[ExtractOutcome]:
    return list(import_esi_ids(paths=paths, now=now))


def full() -> list[Path]:
    return sorted(FILES.glob("*FUL.zip"))


class TestFullExtracts:
    def test_bring_every_esi_id(self) -> None:
        outcomes = take(*full())

        found = {o.territory: (o.lines, o.added, o.repeated, o.refused) for o in outcomes}
        assert found == {
            "ONCOR_ELEC": (64, 63, 1, 0),
            "CENTERPOINT": (56, 56, 0, 0),
            "AEP_CENTRAL": (24, 24, 0, 0),
            "TNMP": (24, 24, 0, 0),
            "AEP_NORTH": (14, 14, 0, 0),
            "LUBBOCK": (12, 12, 0, 0),
            "NUECES_ELEC": (6, 6, 0, 0),
        }
        assert ServicePoint.objects.count() == 199
        assert ServicePoint.objects.filter(has_switch_hold=True).count() == 15
        assert ServicePoint.objects.filter(is_metered=False).count() == 4
        assert ServicePoint.objects.exclude(open_service_orders="").count() == 42
        # Twice in the file: the later row counts.
        assert ServicePoint.objects.get(esi_id="10443729900000020").status == "Active"
