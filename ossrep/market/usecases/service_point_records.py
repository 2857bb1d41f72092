"""Service points as operators and other systems write them through the API.

A write through the API is a word of the source ``api`` that holds from now on; each publishes its
event.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ossrep.infra.outbox import append_many
from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import ServicePoint
from ossrep.market.usecases.service_point_events import (
    ServicePointDeleted,
    event_kind,
    point_events,
)
from ossrep.market.usecases.service_points import (
    PointChange,
    apply_service_point_changes,
)

SOURCE = "api"
POINTS_PER_CALL_MAX = 10_000
Values = Mapping[str, Any]
"""Fields of the registry, the ESI ID apart."""


class ServicePointExists(DomainError):
    """There is a service point with this ESI ID."""

    code = "service_point_exists"


class UnknownServicePoint(DomainError):
    """No service point has this id."""

    code = "unknown_service_point"


class EsiIdIsFixed(DomainError):
    """A service point is its ESI ID; another one is another service point."""

    code = "esi_id_is_fixed"


class TooManyServicePoints(DomainError):
    """More than fit into one call."""

    code = "too_many_service_points"


def create_service_point(*, esi_id: str, values: Values, by: str, now: dt.datetime) -> ServicePoint:
    """Makes a service point. Raises ServicePointExists; one that was deleted is there again."""
    with transaction():
        if ServicePoint.objects.filter(esi_id=esi_id, deleted_at=None).exists():
            raise ServicePointExists("there is a service point with this ESI ID", where=esi_id)
        (point,) = _write({esi_id: values}, by=by, now=now)
        return point


def replace_service_point(
    *, service_point_id: int, esi_id: str, values: Values, by: str, now: dt.datetime
) -> ServicePoint:
    """Replaces what is known of one. Raises UnknownServicePoint, EsiIdIsFixed."""
    with transaction():
        point = _find(service_point_id)
        if point.esi_id != esi_id:
            raise EsiIdIsFixed(f"its ESI ID is {point.esi_id}", where="esiid")
        (point,) = _write({esi_id: values}, by=by, now=now)
        return point


def upsert_service_points(
    *, points: Sequence[tuple[str, Values]], by: str, now: dt.datetime
) -> int:
    """Makes or replaces many, by ESI ID (of two with the same the last counts); how many.

    Raises TooManyServicePoints.
    """
    if len(points) > POINTS_PER_CALL_MAX:
        raise TooManyServicePoints(f"at most {POINTS_PER_CALL_MAX} in one call")
    with transaction():
        return len(_write(dict(points), by=by, now=now))


def delete_service_point(*, service_point_id: int, by: str, now: dt.datetime) -> None:
    """Deletes one; what was told of it stays on record. Raises UnknownServicePoint."""
    with transaction():
        point = _find(service_point_id)
        change = _change(point.esi_id, {}, by=by, now=now, deletes=True)
        (taken,) = apply_service_point_changes(changes=[change], now=now)
        events = point_events(changes=[(ServicePointDeleted, taken.point)], now=now)
        append_many(context="market", events=events)


def _find(service_point_id: int) -> ServicePoint:
    point = (
        ServicePoint.objects.select_for_update()
        .filter(pk=service_point_id, deleted_at=None)
        .first()
    )
    if point is None:
        raise UnknownServicePoint("no service point has this id", where=str(service_point_id))
    return point


def _write(values_of: Mapping[str, Values], *, by: str, now: dt.datetime) -> Sequence[ServicePoint]:
    changes = [_change(esi_id, values, by=by, now=now) for esi_id, values in values_of.items()]
    taken = apply_service_point_changes(changes=changes, now=now)
    events = [(event_kind(is_created=one.is_created), one.point) for one in taken]
    append_many(context="market", events=point_events(changes=events, now=now))
    return [one.point for one in taken]


def _change(
    esi_id: str, values: Values, *, by: str, now: dt.datetime, deletes: bool = False
) -> PointChange:
    return PointChange(
        esi_id=esi_id,
        source=SOURCE,
        reference=str(uuid.uuid4()),
        effective_at=now,
        values=values,
        notes=[f"by {by}"],
        deletes=deletes,
    )
