"""Shapes, types and periods that do not fit are refused before anything is computed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from ossrep.rating import (
    InvalidPrices,
    InvalidUsage,
    PeriodTooLong,
    PriceSeries,
    SiteFacts,
    UsageBlock,
    rate_block,
)
from tests.unit.rating.build import JULY, compiled, flat_wh, period, rated, registers

INT64 = np.zeros(1, dtype=np.int64)


class TestUsageBlock:
    @pytest.mark.parametrize(
        ("channels", "message"),
        [
            ({}, "give imports either as intervals or as registers"),
            (
                {"import_wh": flat_wh(JULY, 1), "register_import_wh": INT64},
                "give imports either as intervals or as registers",
            ),
            (
                {"import_wh": flat_wh(JULY, 1), "register_peak_w": INT64},
                "the peak of interval imports is computed, not given",
            ),
            (
                {"import_wh": flat_wh(JULY, 1).astype(np.int64)},
                "import_wh must be int32 (1, 2880), not int64 (1, 2880)",
            ),
            (
                {"import_wh": flat_wh(JULY, 1)[:, 1:]},
                "import_wh must be int32 (1, 2880), not int32 (1, 2879)",
            ),
            (
                {"import_wh": flat_wh(JULY, 1), "export_wh": flat_wh(JULY, 1, 1)},
                "export_wh must be int32 (1, 2880), not int32 (2, 2880)",
            ),
            (
                {"register_import_wh": INT64, "register_peak_w": np.zeros(2, dtype=np.int64)},
                "register_peak_w must be int64 (1,), not int64 (2,)",
            ),
        ],
    )
    def test_refuses_channels_that_do_not_fit(self, channels: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidUsage) as refused:
            UsageBlock(period=JULY, **channels)

        assert refused.value.message == message

    def test_counts_the_quarter_hours_of_clock_changes(self) -> None:
        year = period("2026-01-01", "2027-01-01")

        usage = UsageBlock(period=year, import_wh=np.zeros((3, 365 * 96), dtype=np.int32))

        assert usage.rows == 3


class TestRateBlock:
    def test_refuses_usage_of_another_period(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})

        with pytest.raises(InvalidUsage, match="given to a plan of"):
            rated(ready, registers(1, over=period("2026-07-01", "2026-07-30")))

    def test_refuses_facts_of_another_number_of_rows(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})

        with pytest.raises(InvalidUsage, match="2 rows of usage, 3 of facts"):
            rate_block(compiled=ready, usage=registers(1, 1), facts=SiteFacts.plain(3))


class TestPriceSeries:
    @pytest.mark.parametrize("values", [np.zeros(96, dtype=np.int32), np.zeros(92, dtype=np.int64)])
    def test_refuses_a_wrong_number_of_values_for_the_local_day(self, values: Any) -> None:
        with pytest.raises(InvalidPrices, match="prices of 2026-03-08 must be int32, 1 or 92"):
            PriceSeries({dt.date(2026, 3, 8): values})


class TestCompilePlan:
    def test_refuses_a_period_of_more_than_a_year(self) -> None:
        with pytest.raises(PeriodTooLong):
            compiled(
                {"kind": "energy_flat", "price_usd_per_kwh": "0.1"},
                over=period("2025-01-01", "2026-01-03"),
            )
