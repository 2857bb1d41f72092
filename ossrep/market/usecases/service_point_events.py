"""Events of single service points, in the shape that consumers of the service-point service know.

They leave on a topic of their own, ``service-point-events`` (``OSSREP_EVENT_TOPICS``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ossrep.market.models import ServicePoint
from ossrep.market.queries.service_point_shape import service_point_body, tdsp_ids

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePointEvent:
    """Type, instant and the whole service point; named as the published contract names them."""

    event_type: ClassVar[str]
    aggregate_type: ClassVar[str] = "service-point"

    eventType: str  # noqa: N815
    timestamp: str
    servicePoint: Mapping[str, Any]  # noqa: N815

    @property
    def aggregate_id(self) -> str:
        return str(self.servicePoint["esiid"])


class ServicePointCreated(ServicePointEvent):
    """It is new, or it is there again."""

    event_type: ClassVar[str] = "SERVICE_POINT_CREATED"


class ServicePointUpdated(ServicePointEvent):
    """Something of it has changed."""

    event_type: ClassVar[str] = "SERVICE_POINT_UPDATED"


class ServicePointDeleted(ServicePointEvent):
    """It was deleted; this is what it was."""

    event_type: ClassVar[str] = "SERVICE_POINT_DELETED"


def event_kind(*, is_created: bool) -> type[ServicePointEvent]:
    """What is told of a point that is there since just now, or was there before."""
    return ServicePointCreated if is_created else ServicePointUpdated


def point_events(
    *, changes: Sequence[tuple[type[ServicePointEvent], ServicePoint]], now: dt.datetime
) -> Sequence[ServicePointEvent]:
    """One event for each changed point, to be appended in the transaction of the change."""
    ids = tdsp_ids()
    return [
        kind(
            eventType=kind.event_type,
            timestamp=now.astimezone(dt.UTC).strftime(_INSTANT),
            servicePoint=service_point_body(point, tdsp_ids=ids),
        )
        for kind, point in changes
    ]
