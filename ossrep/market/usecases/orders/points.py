"""What an answer tells of the meters goes to the order and to the registry of service points."""

from __future__ import annotations

from typing import Any

from ossrep.market.domain.service_points import FIELDS
from ossrep.market.models import Order, ServicePoint
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.service_points import apply_service_point_change


def take_service_point(*, order: Order, arrived: Arrived) -> None:
    """Keeps with the order what an 814_05 or 814_22 tells, and passes it on to the registry.

    It holds from when it came. What no field of the registry can hold is noted there.
    """
    known = {n: v for n, v in arrived.service_point.items() if v not in (None, "", [])}
    order.service_point = {**order.service_point, **known}
    told = {name: value for name, value in known.items() if name in FIELDS}
    too_long = {name for name, value in told.items() if not _fits(name, value)}
    apply_service_point_change(
        source=arrived.kind,
        effective_at=arrived.at,
        esi_id=order.esi_id,
        reference=arrived.reference,
        values={
            "tdsp_code": order.tdsp_code,
            **{name: value for name, value in told.items() if name not in too_long},
        },
        now=arrived.at,
        notes=[f"{name}: {told[name]}" for name in sorted(too_long)],
        inbound_set_id=arrived.inbound_set_id,
    )


def _fits(name: str, value: Any) -> bool:
    length: int | None = getattr(ServicePoint._meta.get_field(name), "max_length", None)
    return length is None or not isinstance(value, str) or len(value) <= length
