"""The registry of service points takes what the market says of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NewType

from ossrep.infra.outbox import append
from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.addresses import street_keys
from ossrep.market.domain.service_points import (
    EXTRACT,
    FIELDS,
    Told,
    canonical_status,
    newer_values,
    told_by,
)
from ossrep.market.models import ServicePoint, ServicePointChange
from ossrep.market.queries.extracts import full_extract_instants
from ossrep.market.usecases.service_point_events import event_kind, point_events

ServicePointId = NewType("ServicePointId", int)


class UnknownServicePointField(DomainError):
    """A change of something that the registry does not keep."""

    code = "unknown_service_point_field"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointChange:
    """One word about one service point; with ``deletes`` that it is none.

    ``values`` are by field (``domain.service_points.FIELDS``); what is not named stays.
    """

    esi_id: str
    source: str
    reference: str
    effective_at: dt.datetime
    values: Mapping[str, Any]
    notes: Sequence[str] = ()
    inbound_set_id: int | None = None
    deletes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenChange:
    """What became of a change: the point as it is now, and whether it is there since just now.

    ``is_created`` is also said of one that was deleted and is there again.
    """

    point: ServicePoint
    is_created: bool
    is_changed: bool


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
    source, reference). ``notes`` are what was told beside and has no field. What changed is
    published. Raises UnknownServicePointField.
    """
    change = PointChange(
        esi_id=esi_id,
        source=source,
        reference=reference,
        effective_at=effective_at,
        values=values,
        notes=notes,
        inbound_set_id=inbound_set_id,
    )
    with transaction():
        (taken,) = apply_service_point_changes(changes=[change], now=now)
        if taken.is_changed or taken.is_created:
            kind = event_kind(is_created=taken.is_created)
            for event in point_events(changes=[(kind, taken.point)], now=now):
                append(context="market", event=event)
    return ServicePointId(taken.point.pk)


def apply_service_point_changes(
    *, changes: Sequence[PointChange], now: dt.datetime
) -> Sequence[TakenChange]:
    """The same for many, each of another ESI ID, in the order given; who calls it publishes."""
    for change in changes:
        if unknown := sorted(set(change.values) - set(FIELDS)):
            raise UnknownServicePointField(
                f"has no field {', '.join(unknown)}", where=change.esi_id
            )
    with transaction():
        points, created = _locked({change.esi_id for change in changes}, now)
        gone = {esi_id for esi_id, point in points.items() if point.deleted_at is not None}
        known = _told_before(changes, points)
        full_at = full_extract_instants(
            tdsp_codes={p.tdsp_code for p in points.values() if p.extract_at is not None}
        )
        fresh = [c for c in changes if (points[c.esi_id].pk, c.source, c.reference) not in known]
        held = {c.esi_id: _set_newer(points[c.esi_id], c, full_at, now) for c in fresh}
        ServicePointChange.objects.bulk_create(
            [_record(points[change.esi_id], change, now) for change in fresh]
        )
    return [
        TakenChange(
            point=points[change.esi_id],
            is_created=change.esi_id in created
            or (change.esi_id in gone and points[change.esi_id].deleted_at is None),
            is_changed=held.get(change.esi_id, False),
        )
        for change in changes
    ]


def _locked(
    esi_ids: Collection[str], now: dt.datetime
) -> tuple[dict[str, ServicePoint], Collection[str]]:
    """The points, locked; and which of them are made here. Sorted, so that nobody waits in a
    circle.
    """
    known = set(ServicePoint.objects.filter(esi_id__in=esi_ids).values_list("esi_id", flat=True))
    missing = sorted(set(esi_ids) - known)
    ServicePoint.objects.bulk_create(
        [ServicePoint(esi_id=esi_id, changed_at=now) for esi_id in missing],
        ignore_conflicts=True,
        batch_size=1000,
    )
    rows = ServicePoint.objects.select_for_update().filter(esi_id__in=esi_ids).order_by("esi_id")
    return {row.esi_id: row for row in rows}, set(missing)


def _told_before(
    changes: Sequence[PointChange], points: Mapping[str, ServicePoint]
) -> Collection[tuple[int, str, str]]:
    wanted = {(points[c.esi_id].pk, c.source, c.reference) for c in changes}
    found = ServicePointChange.objects.filter(
        service_point__in={point_id for point_id, _, _ in wanted},
        source__in={source for _, source, _ in wanted},
        reference__in={reference for _, _, reference in wanted},
    )
    return wanted.intersection(found.values_list("service_point_id", "source", "reference"))


def _record(point: ServicePoint, change: PointChange, now: dt.datetime) -> ServicePointChange:
    return ServicePointChange(
        service_point=point,
        source=change.source,
        reference=change.reference,
        effective_at=change.effective_at,
        values={"is_deleted": True} if change.deletes else dict(change.values),
        notes=list(change.notes),
        inbound_set_id=change.inbound_set_id,
        recorded_at=now,
    )


def _set_newer(
    point: ServicePoint,
    change: PointChange,
    full_at: Mapping[str, dt.datetime],
    now: dt.datetime,
) -> bool:
    mark = told_by(
        effective_at=change.effective_at, source=change.source, reference=change.reference
    )
    holding = newer_values(
        told=point.told,
        change=mark,
        values=change.values,
        extract=_extract_mark(point, full_at),
    )
    for name, value in holding.items():
        setattr(point, name, canonical_status(value) if name == "status" else value)
    if "street" in holding:
        keys = street_keys(point.street)
        point.house_number = keys.house_number
        point.street_start, point.street_end = keys.start, keys.end
    lives_again = point.deleted_at is not None and point.deleted_at < change.effective_at
    if not holding and not change.deletes and not lives_again:
        return False
    if change.deletes or lives_again:
        point.deleted_at = change.effective_at if change.deletes else None
    point.told = {**point.told, **dict.fromkeys(holding, mark)}
    point.changed_at = now
    point.save()
    return True


def _extract_mark(point: ServicePoint, full_at: Mapping[str, dt.datetime]) -> Told | None:
    """A full extract says every row again, also those that it did not have to write."""
    if point.extract_at is None:
        return None
    told_last = max(point.extract_at, full_at.get(point.tdsp_code, point.extract_at))
    return told_by(effective_at=told_last, source=EXTRACT, reference="")
