"""Interval days as rows of PostgreSQL's binary COPY, built as arrays."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.domain.interval_days import DayBlock, estimated_counts, missing_counts
from ossrep.meter.queries.binary_copy import POSTGRES_EPOCH_US, empty_rows, postgres_days
from ossrep.published.meter import MISSING_WH

DIGEST_BYTES = 16
_FIELDS = (
    ("meter_point_id", ">i4"),
    ("date", ">i4"),
    ("direction", ">i2"),
    ("revision", ">i2"),
    ("became_current", "u1"),
    ("source", ">i2"),
    ("source_time", ">i8"),
    ("received_at", ">i8"),
    ("intake_id", ">i8"),
    ("line", ">i8"),
    ("missing_intervals", ">i2"),
    ("estimated_intervals", ">i2"),
    ("total_wh", ">i8"),
    ("peak_wh", ">i4"),
    ("register_wh", ">i8"),
    ("vee_ruleset_id", ">i4"),
    ("vee_failed", ">i4"),
    ("digest", f"V{DIGEST_BYTES}"),
)
COLUMNS = (*(name for name, _ in _FIELDS), "wh", "quality")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted of a block's days: shape (k,) each; ``digests`` of values and qualities."""

    missing: NDArray[np.int16]
    estimated: NDArray[np.int16]
    total_wh: NDArray[np.int64]
    peak_wh: NDArray[np.int32]
    digests: NDArray[np.void]
    wh_bytes: bytes


def facts_of(*, block: DayBlock) -> Facts:
    """Counts, sums and digests of a block."""
    is_whole = not len(block) or int(block.wh.min()) >= 0
    present = block.wh if is_whole else np.where(block.wh == MISSING_WH, 0, block.wh)
    wh_bytes = block.wh.astype("<i4", copy=False).tobytes()
    return Facts(
        missing=np.zeros(len(block), np.int16) if is_whole else missing_counts(block),
        estimated=estimated_counts(block),
        total_wh=present.sum(axis=1, dtype=np.int64),
        peak_wh=present.max(axis=1, initial=0),
        digests=_digests(block, wh_bytes),
        wh_bytes=wh_bytes,
    )


def _digests(block: DayBlock, wh_bytes: bytes) -> NDArray[np.void]:
    quality = block.quality.tobytes()
    count = block.intervals_per_day
    digests = bytearray()
    for day in range(len(block)):
        digest = hashlib.blake2b(
            wh_bytes[4 * count * day : 4 * count * (day + 1)], digest_size=DIGEST_BYTES
        )
        digest.update(quality[count * day : count * (day + 1)])
        digests += digest.digest()
    return np.frombuffer(bytes(digests), dtype=f"V{DIGEST_BYTES}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all rows of a batch have in common."""

    source: int
    intake_id: int
    received_at: dt.datetime
    ruleset_id: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for each day of a block; ``stored`` false: it is not written."""

    meter_point_ids: NDArray[np.int64]
    revisions: NDArray[np.int16]
    becomes_current: NDArray[np.bool_]
    stored: NDArray[np.bool_]
    vee_failed: NDArray[np.int32]


def rows_of(*, block: DayBlock, facts: Facts, decided: Decided, stamp: Stamp) -> list[bytes]:
    """Rows to copy in; days whose qualities are all alike keep one letter for all."""
    is_uniform = (block.quality == block.quality[:, :1]).all(axis=1)
    parts = []
    for chosen, letters in (
        (np.flatnonzero(decided.stored & is_uniform), 1),
        (np.flatnonzero(decided.stored & ~is_uniform), block.intervals_per_day),
    ):
        if len(chosen):
            parts.append(_rows(block, facts, decided, stamp, chosen, letters).tobytes())
    return parts


def _rows(
    block: DayBlock,
    facts: Facts,
    decided: Decided,
    stamp: Stamp,
    chosen: NDArray[np.intp],
    letters: int,
) -> NDArray[np.void]:
    count = block.intervals_per_day
    fields = (*_FIELDS, ("wh", f"V{4 * count}"), ("quality", f"V{letters}"))
    rows = empty_rows(count=len(chosen), fields=fields)
    rows["meter_point_id"] = decided.meter_point_ids[chosen]
    rows["date"] = postgres_days(block.dates[chosen])
    rows["direction"] = block.directions[chosen]
    rows["revision"] = decided.revisions[chosen]
    rows["became_current"] = decided.becomes_current[chosen]
    rows["source"] = stamp.source
    rows["source_time"] = block.source_times[chosen].astype(np.int64) - POSTGRES_EPOCH_US
    rows["received_at"] = round(stamp.received_at.timestamp() * 1_000_000) - POSTGRES_EPOCH_US
    rows["intake_id"] = stamp.intake_id
    rows["line"] = block.lines[chosen]
    rows["missing_intervals"] = facts.missing[chosen]
    rows["estimated_intervals"] = facts.estimated[chosen]
    rows["total_wh"] = facts.total_wh[chosen]
    rows["peak_wh"] = facts.peak_wh[chosen]
    rows["register_wh"] = block.register_wh[chosen]
    rows["vee_ruleset_id"] = stamp.ruleset_id
    rows["vee_failed"] = decided.vee_failed[chosen]
    rows["digest"] = facts.digests[chosen]
    rows["wh"] = np.frombuffer(facts.wh_bytes, dtype=f"V{4 * count}")[chosen]
    quality = np.ascontiguousarray(block.quality[:, :letters])
    rows["quality"] = quality.view(f"V{letters}").ravel()[chosen]
    return rows
