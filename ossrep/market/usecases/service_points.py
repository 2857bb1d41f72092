"""The registry of service points takes what the market says of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NewType

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.service_points import FIELDS, newer_values, told_by
from ossrep.market.models import ServicePoint, ServicePointChange

ServicePointId = NewType("ServicePointId", int)


class UnknownServicePointField(DomainError):
    """A change of something that the registry does not keep."""

    code = "unknown_service_point_field"


def apply_service_point_change(
    *,
    source: str,
    effective_at: dt.datetime,
    esi_id: str,
    reference: str,
    values: Mapping[str, Any],
    now: dt.datetime,
    notes: Sequence[str] = (),
    inbound_set_id: int | None = None,
) -> ServicePointId:
    """Takes one word about a service point, in the caller's transaction; makes the point if new.

    ``values`` are by field (``domain.service_points.FIELDS``); what is not named stays. For each
    field the newer effective time wins, whatever the order of arrival. Idempotent by (ESI ID,
    source, reference). ``notes`` are what was told beside and has no field. Raises
    UnknownServicePointField.
    """
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise UnknownServicePointField(f"has no field {', '.join(unknown)}", where=esi_id)
    with transaction():
        ServicePoint.objects.bulk_create(
            [ServicePoint(esi_id=esi_id, changed_at=now)], ignore_conflicts=True
        )
        point = ServicePoint.objects.select_for_update().get(esi_id=esi_id)
        _, is_new = ServicePointChange.objects.get_or_create(
            service_point=point,
            source=source,
            reference=reference,
            defaults={
                "effective_at": effective_at,
                "values": dict(values),
                "notes": list(notes),
                "inbound_set_id": inbound_set_id,
                "recorded_at": now,
            },
        )
        if is_new:
            _set_newer(point, effective_at, source, reference, values, now)
    return ServicePointId(point.pk)


def _set_newer(
    point: ServicePoint,
    effective_at: dt.datetime,
    source: str,
    reference: str,
    values: Mapping[str, Any],
    now: dt.datetime,
) -> None:
    change = told_by(effective_at=effective_at, source=source, reference=reference)
    holding = newer_values(told=point.told, change=change, values=values)
    for name, value in holding.items():
        setattr(point, name, value)
    point.told = {**point.told, **dict.fromkeys(holding, change)}
    point.changed_at = now
    point.save()
