"""Interval days as columns: the form in which values travel from a file to the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import local_midnight
from ossrep.published.meter import MISSING_WH

IMPORT, EXPORT = 0, 1
DIRECTION_NAMES = ("import", "export")

ACTUAL = ord("A")
ESTIMATED = ord("E")
MISSING = ord("M")
LIKE_DAY = ord("L")
INTERPOLATED = ord("I")
PROFILED = ord("P")
QUALITY_NAMES = {
    ACTUAL: "actual",
    ESTIMATED: "estimated by the sender",
    MISSING: "missing",
    LIKE_DAY: "estimated from like days",
    INTERPOLATED: "interpolated",
    PROFILED: "estimated from a profile",
}

NO_REGISTER = -1
ESI_ID_BYTES = 22


@dataclass(frozen=True, slots=True)
class DayBlock:
    """k interval days that all have n quarter hours (92, 96 or 100).

    ``esi_ids`` S22, ``dates`` datetime64[D], ``directions`` int8, ``source_times``
    datetime64[us] UTC, ``lines`` int64 (line of the file where the day begins), ``wh`` int32 and
    ``quality`` uint8 of shape (k, n), ``register_wh`` int64 (difference of the day's register
    readings, ``NO_REGISTER`` where the file gives none).
    """

    esi_ids: NDArray[np.bytes_]
    dates: NDArray[np.datetime64]
    directions: NDArray[np.int8]
    source_times: NDArray[np.datetime64]
    lines: NDArray[np.int64]
    wh: NDArray[np.int32]
    quality: NDArray[np.uint8]
    register_wh: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.esi_ids)

    @property
    def intervals_per_day(self) -> int:
        """92, 96 or 100."""
        return int(self.wh.shape[1])

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> DayBlock:
        """The chosen days, by mask or index."""
        return DayBlock(
            esi_ids=self.esi_ids[chosen],
            dates=self.dates[chosen],
            directions=self.directions[chosen],
            source_times=self.source_times[chosen],
            lines=self.lines[chosen],
            wh=self.wh[chosen],
            quality=self.quality[chosen],
            register_wh=self.register_wh[chosen],
        )


@dataclass(frozen=True, slots=True)
class DayKey:
    """What the lines of one day have in common; ``source_time_us`` counts from 1970 UTC."""

    esi_id: bytes
    date: dt.date
    direction: int
    source_time_us: int


@dataclass(frozen=True, slots=True)
class ReadDay:
    """One day as the careful readers give it; ``block_of`` packs many."""

    key: DayKey
    line: int
    wh: Sequence[int]
    quality: bytes
    register_wh: int = NO_REGISTER


@dataclass(frozen=True, slots=True)
class Refusal:
    """A piece of a file that was not loaded, with the bytes, so that it can be tried again.

    ``reason`` is a stable code, ``message`` a sentence for people; lines count from 1.
    """

    reason: str
    message: str
    first_line: int
    last_line: int
    raw: bytes
    esi_id: str = ""
    date: dt.date | None = None


@dataclass(slots=True)
class Parsed:
    """What a piece of a file gave: blocks of good days, and what was refused."""

    blocks: list[DayBlock] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def extend(self, other: Parsed) -> None:
        """Adds what another piece gave."""
        self.blocks += other.blocks
        self.refusals += other.refusals


def blocks_of(days: Iterable[ReadDay]) -> list[DayBlock]:
    """Packs single days into blocks, one for each number of quarter hours."""
    by_count: dict[int, list[ReadDay]] = {}
    for day in days:
        by_count.setdefault(len(day.wh), []).append(day)
    return [_block(members) for members in by_count.values()]


def _block(days: Sequence[ReadDay]) -> DayBlock:
    keys = [day.key for day in days]
    qualities = b"".join(day.quality for day in days)
    return DayBlock(
        esi_ids=np.array([key.esi_id for key in keys], dtype=f"S{ESI_ID_BYTES}"),
        dates=np.array([key.date for key in keys], dtype="M8[D]"),
        directions=np.array([key.direction for key in keys], dtype=np.int8),
        source_times=np.array([key.source_time_us for key in keys], dtype=np.int64).view("M8[us]"),
        lines=np.array([day.line for day in days], dtype=np.int64),
        wh=np.array([day.wh for day in days], dtype=np.int32),
        quality=np.frombuffer(qualities, dtype=np.uint8).reshape(len(days), -1),
        register_wh=np.array([day.register_wh for day in days], dtype=np.int64),
    )


def missing_counts(block: DayBlock) -> NDArray[np.int16]:
    """Quarter hours without a value, for each day."""
    counts: NDArray[np.int16] = (block.wh == MISSING_WH).sum(axis=1, dtype=np.int16)
    return counts


def estimated_counts(block: DayBlock) -> NDArray[np.int16]:
    """Quarter hours whose value is an estimate of anyone's, for each day."""
    is_estimate = (block.quality != ACTUAL) & (block.quality != MISSING)
    counts: NDArray[np.int16] = is_estimate.sum(axis=1, dtype=np.int16)
    return counts


def day_start_us(date: dt.date) -> int:
    """Microseconds from 1970 UTC to the local midnight at which the day begins."""
    return int(local_midnight(date).timestamp()) * 1_000_000
