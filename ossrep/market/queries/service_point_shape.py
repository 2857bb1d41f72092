"""A service point in the words of the published service-point contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ossrep.market.domain.service_points import PREMISE_TYPES, STATUSES, canonical_status
from ossrep.market.models import ServicePoint, Tdsp

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
TEXTS = {
    "street": "street",
    "streetLine2": "street_line2",
    "city": "city",
    "state": "state",
    "zip": "zip_code",
    "county": "county",
    "meterReadCycle": "read_cycle",
    "stationCode": "station",
    "stationName": "station_name",
    "openServiceOrders": "open_service_orders",
    "polrCustomerClass": "polr_customer_class",
    "meteredServiceType": "metered_service_type",
    "meteredServiceTypeDesc": "metered_service_type_text",
}
"""Optional texts of the contract and the registry's fields."""
FLAGS = {"settlementAmsIndicator": "has_settlement_ams", "switchHoldIndicator": "has_switch_hold"}
"""Y and N of the contract."""
AMS_INDICATORS = ("AMSM", "AMSR")


def tdsp_ids() -> Mapping[str, int]:
    """TDSP code to its id."""
    return dict(Tdsp.objects.values_list("code", "pk"))


def service_point_body(point: ServicePoint, *, tdsp_ids: Mapping[str, int]) -> dict[str, Any]:
    """The contract's object: what is not known is left out, required fields never.

    A point that only a message told of has no status yet: it says ``Active``, since messages come
    for points that are served; and ``metered``, since meters are what they are about.
    """
    status = canonical_status(point.status)
    found: dict[str, Any] = {
        "servicePointId": point.pk,
        "esiid": point.esi_id,
        "status": status if status in STATUSES else "Active",
        "metered": point.is_metered is not False,
        "createdAt": _instant(point.created_at),
        "updatedAt": _instant(point.changed_at),
    }
    if point.tdsp_code in tdsp_ids:
        found["tdspId"] = tdsp_ids[point.tdsp_code]
    if point.premise_type in PREMISE_TYPES:
        found["premiseType"] = point.premise_type
    if point.ams_indicator in AMS_INDICATORS:
        found["tdspAmsIndicator"] = point.ams_indicator
    for name, field in TEXTS.items():
        if value := getattr(point, field):
            found[name] = value
    for name, field in FLAGS.items():
        if (flag := getattr(point, field)) is not None:
            found[name] = "Y" if flag else "N"
    return found


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime(_INSTANT)
