"""Days that count, as blocks: for validation, estimation, and for showing one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.db import connection
from ossrep.meter.queries.binary_copy import (
    POSTGRES_EPOCH,
    POSTGRES_EPOCH_US,
    array_text,
    copy_groups,
)

_HEAD = (
    ("meter_point_id", "int4send", ">i4"),
    ("date", "date_send", ">i4"),
    ("direction", "int2send", ">i2"),
    ("revision", "int2send", ">i2"),
    ("source_time", "timestamptz_send", ">i8"),
    ("estimated_intervals", "int2send", ">i2"),
    ("register_wh", "int8send", ">i8"),
    ("digest", "uuid_send", "V16"),
)
_PACKED_HEAD = " || ".join(f"{send}({name})" for name, send, _ in _HEAD)
_QUERY = (
    f"SELECT octet_length(wh), string_agg({_PACKED_HEAD}, ''::bytea), "  # noqa: S608
    "string_agg(wh, ''::bytea), string_agg(CASE WHEN octet_length(quality) = 1 "
    "THEN decode(repeat(encode(quality, 'hex'), octet_length(wh) / 4), 'hex') "
    "ELSE quality END, ''::bytea) "
    "FROM interval_day WHERE meter_point_id = ANY(%s::int[]) AND date >= %s AND date < %s "
    "AND became_current GROUP BY 1"
)


@dataclass(frozen=True, slots=True)
class CurrentDays:
    """k days that count, all with n quarter hours: columns (k,), values (k, n).

    ``source_times`` datetime64[us] UTC, ``digests`` V16 of values and qualities.
    """

    meter_point_ids: NDArray[np.int64]
    dates: NDArray[np.datetime64]
    directions: NDArray[np.int8]
    revisions: NDArray[np.int64]
    source_times: NDArray[np.datetime64]
    estimated: NDArray[np.int64]
    register_wh: NDArray[np.int64]
    digests: NDArray[np.void]
    wh: NDArray[np.int32]
    quality: NDArray[np.uint8]


def get_current_days(
    *, meter_point_ids: Iterable[int], start: dt.date, end: dt.date
) -> list[CurrentDays]:
    """The days of local dates ``[start, end)``: one block for each number of quarter hours."""
    params = [array_text(set(meter_point_ids)), start, end]
    return [_current(*group) for group in _groups(params)]


def _groups(params: Sequence[object]) -> Iterator[tuple[int, memoryview, memoryview, memoryview]]:
    for length, head, wh, quality in copy_groups(query=_QUERY, params=params):
        assert length is not None
        assert head is not None
        assert wh is not None
        assert quality is not None
        yield int.from_bytes(length, "big") // 4, head, wh, quality


def _current(count: int, head: memoryview, wh: memoryview, quality: memoryview) -> CurrentDays:
    rows = np.frombuffer(head, dtype=np.dtype([(name, kind) for name, _, kind in _HEAD]))
    keys = (
        (rows["meter_point_id"].astype(np.int64) << 32)
        | (rows["date"].astype(np.int64) << 1)
        | rows["direction"]
    )
    # Of the revisions that counted when they came, the highest counts now.
    order = np.lexsort((rows["revision"], keys))
    is_last = np.append(keys[order][1:] != keys[order][:-1], True)
    chosen = order[is_last]
    times = rows["source_time"][chosen].astype(np.int64) + POSTGRES_EPOCH_US
    return CurrentDays(
        meter_point_ids=rows["meter_point_id"][chosen].astype(np.int64),
        dates=POSTGRES_EPOCH + rows["date"][chosen].astype(np.int64),
        directions=rows["direction"][chosen].astype(np.int8),
        revisions=rows["revision"][chosen].astype(np.int64),
        source_times=times.view("M8[us]"),
        estimated=rows["estimated_intervals"][chosen].astype(np.int64),
        register_wh=rows["register_wh"][chosen].astype(np.int64),
        digests=rows["digest"][chosen],
        wh=np.frombuffer(wh, dtype="<i4").reshape(-1, count)[chosen].astype(np.int32),
        quality=np.frombuffer(quality, dtype=np.uint8).reshape(-1, count)[chosen],
    )


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision of a day, for people: the values that counted carry ``is_current``."""

    direction: int
    revision: int
    is_current: bool
    source: int
    source_time: dt.datetime
    received_at: dt.datetime
    file: str
    line: int
    total_wh: int
    missing: int
    estimated: int
    vee_failed: int
    wh: list[int]
    quality: str


def list_revisions(*, esi_id: str, date: dt.date) -> list[RevisionRow]:
    """All revisions of a local day, the current one of each direction first."""
    with connection().cursor() as cursor:
        cursor.execute(_REVISIONS, [esi_id, date])
        rows = cursor.fetchall()
    found: list[RevisionRow] = []
    for row in rows:
        is_current = row[2] and not any(
            other.direction == row[0] and other.is_current for other in found
        )
        letters = bytes(row[13]).decode()
        found.append(
            RevisionRow(
                direction=row[0],
                revision=row[1],
                is_current=is_current,
                source=row[3],
                source_time=row[4],
                received_at=row[5],
                file=row[6],
                line=row[7],
                total_wh=row[8],
                missing=row[9],
                estimated=row[10],
                vee_failed=row[11],
                wh=np.frombuffer(row[12], dtype="<i4").tolist(),
                quality=letters * intervals_in_day(date) if len(letters) == 1 else letters,
            )
        )
    return sorted(found, key=lambda row: (row.direction, not row.is_current))


_REVISIONS = """
SELECT d.direction, d.revision, d.became_current, d.source, d.source_time, d.received_at, i.name,
       d.line, d.total_wh, d.missing_intervals, d.estimated_intervals, d.vee_failed, d.wh, d.quality
FROM interval_day d
JOIN meter_point p ON p.id = d.meter_point_id
JOIN intake i ON i.id = d.intake_id
WHERE p.esi_id = %s AND d.date = %s
ORDER BY d.direction, d.revision DESC
"""
