"""What context ``meter`` publishes: validated usage, packed for whole chunks of meter points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.identifiers import EsiId

MISSING_WH = -(2**31)
"""Stands for an interval without a value, in ``import_wh`` and ``export_wh``."""


@dataclass(frozen=True, slots=True)
class UsageRequest:
    """Columns: meter point ``i`` wants local dates ``[starts[i], ends[i])``."""

    esi_ids: Sequence[EsiId]
    starts: Sequence[dt.date]
    ends: Sequence[dt.date]


@dataclass(frozen=True, slots=True)
class IntervalUsage:
    """Usage of n requests; request ``i`` owns ``import_wh[offsets[i]:offsets[i + 1]]``.

    Values are Wh for each quarter hour, days after each other with 92/96/100 each; an absent day
    or value is ``MISSING_WH``. ``export_wh`` has the same layout and is all zero for a meter
    point without an export channel (``has_export`` false). ``estimated_intervals`` and
    ``missing_intervals`` count the import channel. Where the market's register usage covers
    exactly the requested period it stands in the ``register_*`` columns, else -1 there.
    """

    offsets: NDArray[np.int64]
    import_wh: NDArray[np.int32]
    export_wh: NDArray[np.int32]
    has_export: NDArray[np.bool_]
    estimated_intervals: NDArray[np.int32]
    missing_intervals: NDArray[np.int32]
    register_import_wh: NDArray[np.int64]
    register_export_wh: NDArray[np.int64]
    register_peak_w: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """Sums of n requests, Wh; ``peak_w`` is four times the highest quarter hour of import."""

    import_wh: NDArray[np.int64]
    export_wh: NDArray[np.int64]
    peak_w: NDArray[np.int64]
    estimated_intervals: NDArray[np.int32]
    missing_intervals: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class IntervalFile:
    """What an interval file says, one entry for each (ESI ID, local date, direction).

    ``wh[i]`` is int32 of the day's 92/96/100 quarter hours, ``MISSING_WH`` where missing.
    ``refused`` tells in a sentence each what of the file was left out, and why.
    """

    esi_ids: Sequence[EsiId]
    dates: Sequence[dt.date]
    is_export: Sequence[bool]
    wh: Sequence[NDArray[np.int32]]
    refused: Sequence[str]


class MeterService(Protocol):
    """The only door to context ``meter``."""

    context: ClassVar[str] = "meter"

    def get_interval_usage(self, *, request: UsageRequest) -> IntervalUsage:
        """The intervals themselves, one query for the whole request."""
        ...

    def get_usage_totals(self, *, request: UsageRequest) -> UsageTotals:
        """Totals only."""
        ...

    def read_interval_file(self, *, path: Path) -> IntervalFile:
        """A file of any format that ``meter import`` takes, read and not stored: no database.

        Of several revisions of a day the one that counts. Raises DomainError where nothing of it
        can be read.
        """
        ...

    def list_usage_periods(
        self, *, esi_ids: Sequence[EsiId], since: dt.date
    ) -> Sequence[tuple[tuple[dt.date, dt.date], ...]]:
        """For each ESI ID the periods of the market's monthly usage that end after ``since``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCorrected:
    """Usage that was estimated or stored before has new values for a local day."""

    event_type: ClassVar[str] = "meter.usage-corrected.v1"
    aggregate_type: ClassVar[str] = "meter-point"

    esi_id: str
    date: dt.date
    direction: str
    was_estimated: bool
    wh_before: int
    wh_after: int

    @property
    def aggregate_id(self) -> str:
        return self.esi_id
