"""Numbers for ESI IDs: known ones from memory, new ones only where a premises has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from ossrep.infra import services
from ossrep.meter.db import connection, transaction
from ossrep.meter.models import MeterPoint
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
            self._look_up(new)
            self._create([esi_id for esi_id in new if esi_id not in self._ids])
        return {esi_id: self._ids[esi_id] for esi_id in wanted if esi_id in self._ids}

    def _look_up(self, esi_ids: Sequence[bytes]) -> None:
        rows = MeterPoint.objects.filter(esi_id__in=[esi_id.decode() for esi_id in esi_ids])
        for meter_point_id, esi_id, first_export in rows.values_list(
            "id", "esi_id", "first_export_date"
        ):
            self._ids[esi_id.encode()] = meter_point_id
            self._first_exports[meter_point_id] = first_export

    def _create(self, esi_ids: Sequence[bytes]) -> None:
        if not esi_ids:
            return
        customer = services.resolve(CustomerService)
        known = customer.find_known_esi_ids(esi_ids={esi_id.decode() for esi_id in esi_ids})
        if not known:
            return
        with transaction():
            MeterPoint.objects.bulk_create(
                [MeterPoint(esi_id=esi_id) for esi_id in sorted(known)], ignore_conflicts=True
            )
        self._look_up([esi_id.encode() for esi_id in known])

    def lock(self, *, meter_point_ids: Sequence[int]) -> None:
        """Lets one transaction at a time decide about these meter points.

        Rows are locked in rising order, so two importers never wait for each other in a circle.
        """
        with connection().cursor() as cursor:
            cursor.execute(
                "SELECT id FROM meter_point WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [list(meter_point_ids)],
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
