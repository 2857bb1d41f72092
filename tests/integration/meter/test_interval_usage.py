"""The published service answers like its in-memory stand-in, from the same days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from ossrep.infra import services
from ossrep.kernel.identifiers import EsiId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.service import MeterService
from ossrep.published import meter as published
from ossrep.published.meter import UsageRequest
from tests.factories.interval_files import ADay, esi_id, interval_csv, lse
from tests.fakes.meter import FakeMeterService
from tests.integration.meter.importing import import_bytes

pytestmark = pytest.mark.django_db(databases="__all__")

MARCH, APRIL = dt.date(2026, 3, 1), dt.date(2026, 4, 1)


def a_month(number: int, direction: str = "import", **fields: object) -> list[ADay]:
    dates = [MARCH + dt.timedelta(days=i) for i in range(31)]
    return [
        ADay(
            esi_id=esi_id(number),
            date=date,
            direction=direction,
            wh=[number * 1000 + date.day * 10 + i % 7 for i in range(92 if date.day == 8 else 96)],
            **fields,  # type: ignore[arg-type]
        )
        for date in dates
    ]


def load(folder: Path, days: list[ADay]) -> FakeMeterService:
    """Imports the days, and puts the same into the stand-in."""
    import_bytes(folder, "days.lse", lse(days))
    fake = FakeMeterService()
    for day in days:
        estimated = sum(letter == "E" for letter in day.letters())
        if day.direction == "import":
            fake.put_day(
                esi_id=day.esi_id,
                date=day.date,
                import_wh=day.values(),
                estimated_intervals=estimated,
            )
        else:
            fake.put_day(esi_id=day.esi_id, date=day.date, export_wh=day.values())
    return fake


def requests_of(*rows: tuple[str, dt.date, dt.date]) -> UsageRequest:
    return UsageRequest(
        esi_ids=[EsiId(row[0]) for row in rows],
        starts=[row[1] for row in rows],
        ends=[row[2] for row in rows],
    )


def assert_same(real: object, fake: object) -> None:
    for name in type(fake).__dataclass_fields__:  # type: ignore[attr-defined]
        np.testing.assert_array_equal(getattr(real, name), getattr(fake, name), err_msg=name)
        assert getattr(real, name).dtype == getattr(fake, name).dtype, name


class TestGetIntervalUsage:
    def test_gives_whole_months_with_export_gaps_and_estimates(self, tmp_path: Path) -> None:
        days = [*a_month(1), *a_month(2, quality="E"), *a_month(3)[:20], *a_month(3, "export")[4:9]]
        fake = load(tmp_path, days)
        request = requests_of(
            (esi_id(2), MARCH, APRIL),
            (esi_id(1), MARCH, APRIL),
            (esi_id(9), MARCH, APRIL),
            (esi_id(3), MARCH, APRIL),
        )

        usage = MeterService().get_interval_usage(request=request)

        assert_same(usage, fake.get_interval_usage(request=request))

    def test_gives_one_point_several_periods(self, tmp_path: Path) -> None:
        fake = load(tmp_path, [*a_month(1), *a_month(2)])
        middle = dt.date(2026, 3, 8)
        request = requests_of(
            (esi_id(1), MARCH, middle),
            (esi_id(1), middle, APRIL),
            (esi_id(2), dt.date(2026, 3, 7), dt.date(2026, 3, 9)),
            (esi_id(1), dt.date(2026, 2, 27), dt.date(2026, 3, 2)),
        )

        usage = MeterService().get_interval_usage(request=request)

        assert_same(usage, fake.get_interval_usage(request=request))

    def test_takes_the_revision_that_counts(self, tmp_path: Path) -> None:
        first = ADay(wh=[10] * 96, quality="E")
        later = ADay(
            wh=[20] * 96, known_at=dt.datetime(2026, 2, 25, 12, tzinfo=MARKET_ZONE), quality="A"
        )
        import_bytes(tmp_path, "later.lse", lse([later]))
        import_bytes(tmp_path, "first.lse", lse([first]))
        end = first.date + dt.timedelta(days=1)

        usage = MeterService().get_interval_usage(
            request=requests_of((first.esi_id, first.date, end))
        )

        assert usage.import_wh.tolist() == [20] * 96
        assert usage.estimated_intervals.tolist() == [0]

    def test_counts_missing_values_of_a_day_that_is_there(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.csv", interval_csv([ADay(wh=[5] * 90 + [-1] * 6, quality="E")]))
        day = ADay()

        usage = MeterService().get_interval_usage(
            request=requests_of((day.esi_id, day.date, day.date + dt.timedelta(days=2)))
        )

        assert usage.missing_intervals.tolist() == [6 + 96]
        assert usage.estimated_intervals.tolist() == [90]

    def test_answers_an_empty_request(self) -> None:
        usage = MeterService().get_interval_usage(request=requests_of())

        assert usage.offsets.tolist() == [0]
        assert len(usage.import_wh) == len(usage.has_export) == 0

    def test_asks_as_often_for_many_as_for_one(self, tmp_path: Path) -> None:
        load(tmp_path, [*a_month(1), *a_month(2), *a_month(3)])
        one = requests_of((esi_id(1), MARCH, APRIL))
        many = requests_of(*((esi_id(i), MARCH, APRIL) for i in range(1, 10)))
        counts = []
        for request in (one, many):
            with CaptureQueriesContext(connections["meter"]) as queries:
                MeterService().get_interval_usage(request=request)
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_is_what_the_settings_name(self) -> None:
        assert isinstance(services.resolve(published.MeterService), MeterService)


class TestGetUsageTotals:
    def test_adds_up_what_the_intervals_say(self, tmp_path: Path) -> None:
        days = [*a_month(1), *a_month(2, quality="E"), *a_month(3)[:20], *a_month(3, "export")[4:9]]
        fake = load(tmp_path, days)
        request = requests_of(
            (esi_id(1), MARCH, APRIL),
            (esi_id(9), MARCH, APRIL),
            (esi_id(3), MARCH, APRIL),
            (esi_id(2), dt.date(2026, 3, 8), dt.date(2026, 3, 9)),
            (esi_id(1), dt.date(2026, 3, 20), dt.date(2026, 4, 20)),
        )

        totals = MeterService().get_usage_totals(request=request)

        assert_same(totals, fake.get_usage_totals(request=request))
