"""Numbers for ESI IDs: known ones from memory, new ones only where a premises has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from ossrep.infra import services
from ossrep.meter.db import connection, transaction
from ossrep.meter.queries.binary_copy import array_text
from ossrep.meter.queries.meter_points import find_meter_points
from ossrep.published.customer import CustomerService

REMEMBERED_MAX = 2_000_000


class MeterPointRegistry:
    """Remembers what it has looked up; one for each importing process."""

    def __init__(self) -> None:
        self._ids: dict[bytes, int] = {}
        self._first_exports: dict[int, dt.date | None] = {}

    def resolve(self, *, esi_ids: Iterable[bytes]) -> dict[bytes, int]:
        """Meter point ids; ESI IDs that neither this context nor a premises knows are left out.

        New meter points are created, in a transaction of their own.
        """
        if len(self._ids) > REMEMBERED_MAX:
            self._ids.clear()
            self._first_exports.clear()
        wanted = set(esi_ids)
        new = [esi_id for esi_id in wanted if esi_id not in self._ids]
        if new:
            self._look_up(esi_id.decode() for esi_id in new)
            self._create([esi_id for esi_id in new if esi_id not in self._ids])
        return {esi_id: self._ids[esi_id] for esi_id in wanted if esi_id in self._ids}

    def _look_up(self, esi_ids: Iterable[str]) -> None:
        for esi_id, point in find_meter_points(esi_ids=list(esi_ids)).items():
            self._ids[esi_id.encode()] = point.meter_point_id
            self._first_exports[point.meter_point_id] = point.first_export_date

    def _create(self, esi_ids: Sequence[bytes]) -> None:
        if not esi_ids:
            return
        customer = services.resolve(CustomerService)
        known = customer.find_known_esi_ids(esi_ids={esi_id.decode() for esi_id in esi_ids})
        if not known:
            return
        with transaction(), connection().cursor() as cursor:
            cursor.execute(
                "INSERT INTO meter_point (esi_id) SELECT unnest(%s::text[]) "
                "ON CONFLICT (esi_id) DO NOTHING",
                [sorted(known)],
            )
        self._look_up(known)

    def lock(self, *, meter_point_ids: Sequence[int]) -> None:
        """Lets one transaction at a time decide about these meter points.

        Rows are locked in rising order, so two importers never wait for each other in a circle.
        """
        with connection().cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT 1 FROM meter_point WHERE id = ANY(%s::int[]) "
                "ORDER BY id FOR NO KEY UPDATE) AS locked",
                [array_text(meter_point_ids)],
            )

    def note_exports(self, *, first_dates: dict[int, dt.date]) -> None:
        """Moves each meter point's first export date forward in time where it lies earlier."""
        earlier = {
            meter_point_id: date
            for meter_point_id, date in first_dates.items()
            if (known := self._first_exports.get(meter_point_id)) is None or date < known
        }
        if not earlier:
            return
        with connection().cursor() as cursor:
            cursor.execute(
                "UPDATE meter_point p SET first_export_date = least(p.first_export_date, n.date) "
                "FROM unnest(%s::int[], %s::date[]) AS n (id, date) WHERE p.id = n.id "
                "AND (p.first_export_date IS NULL OR p.first_export_date > n.date)",
                [list(earlier), list(earlier.values())],
            )
        self._first_exports |= earlier
