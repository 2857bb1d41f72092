"""Usage as text: strings of kWh, gaps without value."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import Any

from ossrep.kernel.periods import DatePeriod
from ossrep.meter.domain.formats.usage_text import kwh_text, usage_csv, usage_json
from ossrep.meter.domain.interval_days import EXPORT
from ossrep.meter.domain.usage_series import Granularity, PointUsage, RegisterReading
from ossrep.published.meter import MISSING_WH
from tests.unit.meter.usage_days import ESI_ID, a_channel, a_point

START, END = dt.date(2026, 6, 1), dt.date(2026, 6, 3)
PERIOD = DatePeriod(START, END)


def read(point: PointUsage, granularity: Granularity) -> Any:
    text = usage_json(account_id=7, period=PERIOD, granularity=granularity, points=[point])
    return json.loads(text)


class TestKwhText:
    def test_has_three_decimals(self) -> None:
        assert [kwh_text(wh) for wh in (0, 5, 1250, -40)] == ["0.000", "0.005", "1.250", "-0.040"]


class TestUsageJson:
    def test_gives_each_quarter_hour_with_its_quality(self) -> None:
        channel = a_channel(START, END)
        channel.wh[0], channel.wh[1] = 1234, MISSING_WH
        channel.quality[0] = ord("E")

        found = read(a_point(channel), Granularity.QUARTER_HOUR)

        (point,) = found.pop("servicePoints")
        (imported,) = point.pop("channels")
        readings = imported.pop("readings")
        assert found == {
            "accountId": 7,
            "from": "2026-06-01",
            "to": "2026-06-03",
            "granularity": "15min",
            "timeZone": "America/Chicago",
            "unit": "kWh",
        }
        assert point == {
            "esiId": ESI_ID,
            "periods": [{"from": "2026-06-01", "to": "2026-06-03"}],
        }
        assert imported == {
            "direction": "import",
            "totalKwh": "48.734",
            "missingIntervals": 1,
            "estimatedIntervals": 1,
        }
        assert len(readings) == 192
        assert readings[:3] == [
            {
                "start": "2026-06-01T00:00:00-05:00",
                "end": "2026-06-01T00:15:00-05:00",
                "kwh": "1.234",
                "quality": "estimated",
            },
            {
                "start": "2026-06-01T00:15:00-05:00",
                "end": "2026-06-01T00:30:00-05:00",
                "kwh": None,
                "quality": "missing",
                "missingIntervals": 1,
            },
            {
                "start": "2026-06-01T00:30:00-05:00",
                "end": "2026-06-01T00:45:00-05:00",
                "kwh": "0.250",
                "quality": "actual",
            },
        ]

    def test_gives_export_as_a_channel_of_its_own(self) -> None:
        point = a_point(a_channel(START, END), a_channel(START, END, wh=90, direction=EXPORT))

        (found,) = read(point, Granularity.DAY)["servicePoints"]

        totals = [(channel["direction"], channel["totalKwh"]) for channel in found["channels"]]
        assert totals == [("import", "48.000"), ("export", "17.280")]

    def test_gives_the_reads_of_the_tdsp_by_month_only(self) -> None:
        point = a_point(a_channel(START, END))
        read_off = RegisterReading(PERIOD, 48_000, 0)
        point = PointUsage(point.occupancy, point.channels, (read_off,))

        (by_month,) = read(point, Granularity.MONTH)["servicePoints"]
        (by_day,) = read(point, Granularity.DAY)["servicePoints"]

        assert by_month["meterReads"] == [
            {"from": "2026-06-01", "to": "2026-06-03", "importKwh": "48.000", "exportKwh": "0.000"}
        ]
        assert "meterReads" not in by_day


class TestUsageCsv:
    def test_has_one_line_for_each_reading(self) -> None:
        channel = a_channel(START, END)
        channel.wh[:96] = MISSING_WH

        text = usage_csv(granularity=Granularity.DAY, points=[a_point(channel)]).decode()

        assert list(csv.reader(text.splitlines())) == [
            ["esi_id", "direction", "start", "end", "kwh", "quality", "missing_intervals"],
            [
                ESI_ID,
                "import",
                "2026-06-01T00:00:00-05:00",
                "2026-06-02T00:00:00-05:00",
                "",
                "missing",
                "96",
            ],
            [
                ESI_ID,
                "import",
                "2026-06-02T00:00:00-05:00",
                "2026-06-03T00:00:00-05:00",
                "24.000",
                "actual",
                "",
            ],
        ]
