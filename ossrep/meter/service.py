"""The only door to context ``meter`` for the other contexts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from ossrep.kernel.identifiers import EsiId
from ossrep.meter.queries import interval_file, interval_usage, register_usage
from ossrep.published.meter import IntervalFile, IntervalUsage, UsageRequest, UsageTotals


class MeterService:
    """Answers from this context's own tables."""

    context: ClassVar[str] = "meter"

    def get_interval_usage(self, *, request: UsageRequest) -> IntervalUsage:
        """The intervals themselves, one query for the whole request."""
        return interval_usage.get_interval_usage(request=request)

    def get_usage_totals(self, *, request: UsageRequest) -> UsageTotals:
        """Totals only."""
        return interval_usage.get_usage_totals(request=request)

    def read_interval_file(self, *, path: Path) -> IntervalFile:
        """A file of any format that ``meter import`` takes, read and not stored."""
        return interval_file.read_interval_file(path=path)

    def list_usage_periods(
        self, *, esi_ids: Sequence[EsiId], since: dt.date
    ) -> Sequence[tuple[tuple[dt.date, dt.date], ...]]:
        """For each ESI ID the periods of the market's monthly usage that end after ``since``."""
        return register_usage.list_usage_periods(esi_ids=esi_ids, since=since)
