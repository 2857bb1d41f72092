"""Where each request's days lie, and the rows that fill them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_counts
from ossrep.meter.db import connection, transaction
from ossrep.meter.queries.binary_copy import POSTGRES_EPOCH, array_text, copy_groups
from ossrep.meter.queries.meter_points import MeterPointRef, find_meter_points
from ossrep.published.meter import UsageRequest

_FLAWS = np.dtype([("meter_point_id", ">i4"), ("estimated", ">i2"), ("missing", ">i2")])
_ARRAY_HEADER_BYTES = 20
"""Dimensions, null flag, element type, length and lower bound, of 4 bytes each."""


_PLANNER_SETTINGS = """
    SET LOCAL work_mem = '128MB'; SET LOCAL enable_seqscan = off;
    SET LOCAL max_parallel_workers_per_gather = 0
"""
"""The packed fields of a chunk must fit, or the server spills them to disk. Many workers read at
once, each its own few meter points: a scan of whole months, shared out to helpers of the server,
looks cheap to each of them and takes the processors from the others."""


def array_items(*, array: memoryview, item: str) -> NDArray[np.void]:
    """The items of an array without nulls as the server sends it, all of numpy type ``item``.

    Raises ValueError where an item has another length.
    """
    dtype = np.dtype([("length", ">i4"), ("item", item)])
    rows = np.frombuffer(array, dtype=dtype, offset=_ARRAY_HEADER_BYTES)
    if (rows["length"] != dtype["item"].itemsize).any():
        raise ValueError(f"an array of the server has items that are not {item}")
    items: NDArray[np.void] = rows["item"]
    return items


def packed_days(*, data: str) -> str:
    """The query that packs rows by local day, direction and revision; ``data`` is an aggregate.

    Parameters: meter point ids, first date, date after the last, directions.
    """
    flaws = (
        "int4send(meter_point_id) || int2send(estimated_intervals) || int2send(missing_intervals)"
    )
    return (
        "SELECT date, direction, revision, array_agg(meter_point_id), "  # noqa: S608
        f"string_agg({flaws}, ''::bytea) "
        f"FILTER (WHERE estimated_intervals > 0 OR missing_intervals > 0), {data} "
        "FROM interval_day WHERE meter_point_id = ANY(%s::int[]) AND date >= %s AND date < %s "
        "AND direction = ANY(%s) AND became_current GROUP BY 1, 2, 3"
    )


@dataclass(frozen=True, slots=True)
class DayGroup:
    """The rows of one local day, direction and revision; ``day`` counts from the first date."""

    day: int
    direction: int
    revision: int
    meter_point_ids: NDArray[np.int32]
    flaws: NDArray[np.void]
    data: memoryview


class RequestGrid:
    """Where each request's days lie: requests by meter point and local date."""

    def __init__(self, *, request: UsageRequest) -> None:
        if not len(request.esi_ids) == len(request.starts) == len(request.ends):
            raise ValueError("the columns of a usage request differ in length")
        self.size = len(request.esi_ids)
        self.first = min(request.starts, default=dt.date(2000, 1, 1))
        self.last = max(request.ends, default=self.first)
        self.starts = self._days(request.starts)
        self.ends = np.maximum(self._days(request.ends), self.starts)
        counts = interval_counts(self.first, self.last).astype(np.int64)
        self.counts = counts
        self._before = np.concatenate(([0], np.cumsum(counts)))
        lengths = self._before[self.ends] - self._before[self.starts]
        self.offsets: NDArray[np.int64] = np.concatenate(([0], np.cumsum(lengths)))
        self.points = find_meter_points(esi_ids=request.esi_ids)
        ids = [_id_of(self.points.get(esi_id)) for esi_id in request.esi_ids]
        self.meter_point_ids = np.array(ids, dtype=np.int64)
        self._layers = self._make_layers()

    def _days(self, dates: Sequence[dt.date]) -> NDArray[np.int64]:
        ordinals = np.fromiter(map(dt.date.toordinal, dates), dtype=np.int64, count=self.size)
        days: NDArray[np.int64] = ordinals - self.first.toordinal()
        return days

    def _make_layers(self) -> list[NDArray[np.int64]]:
        """Request by meter point id, -1 for none; one layer unless a point is asked for twice."""
        known = np.flatnonzero(self.meter_point_ids >= 0)
        layers: list[NDArray[np.int64]] = []
        size = int(self.meter_point_ids.max(initial=0)) + 1
        while len(known):
            _, chosen = np.unique(self.meter_point_ids[known], return_index=True)
            layer = np.full(size, -1, dtype=np.int64)
            layer[self.meter_point_ids[known[chosen]]] = known[chosen]
            layers.append(layer)
            known = np.delete(known, chosen)
        return layers

    def places(
        self, *, meter_point_ids: NDArray[np.int32], day: int
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.int64]]]:
        """(index into the given points, request) of those whose period holds the day."""
        for layer in self._layers:
            requests = layer[meter_point_ids]
            wanted = (requests >= 0) & (self.starts[requests] <= day) & (day < self.ends[requests])
            index = np.flatnonzero(wanted)
            yield index, requests[index]

    def position(
        self, *, requests: NDArray[np.int64], day: int | NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Where the day's first value lies among all values; one day, or one for each request."""
        position: NDArray[np.int64] = (
            self.offsets[requests] + self._before[day] - self._before[self.starts[requests]]
        )
        return position

    def groups(self, query: str, directions: list[int]) -> list[DayGroup]:
        """All rows the requests may need, earlier revisions first, by one query."""
        ids = sorted({int(i) for i in self.meter_point_ids if i >= 0})
        if not ids:
            return []
        base = int((np.datetime64(self.first, "D") - POSTGRES_EPOCH).astype(np.int64))
        with transaction():
            with connection().cursor() as cursor:
                cursor.execute(_PLANNER_SETTINGS)
            params = [array_text(ids), self.first, self.last, directions]
            rows = list(copy_groups(query=query, params=params))
        groups = [_read_group(fields, base) for fields in rows]
        return sorted(groups, key=lambda group: group.revision)


def _id_of(point: MeterPointRef | None) -> int:
    return -1 if point is None else point.meter_point_id


def _read_group(fields: list[memoryview | None], base: int) -> DayGroup:
    date, direction, revision, ids, flaws, data = fields
    assert date is not None
    assert direction is not None
    assert revision is not None
    assert ids is not None
    assert data is not None
    return DayGroup(
        day=int.from_bytes(date, "big", signed=True) - base,
        direction=int.from_bytes(direction, "big"),
        revision=int.from_bytes(revision, "big"),
        meter_point_ids=array_items(array=ids, item=">i4").astype(np.int32),
        flaws=np.frombuffer(flaws or b"", dtype=_FLAWS),
        data=data,
    )
