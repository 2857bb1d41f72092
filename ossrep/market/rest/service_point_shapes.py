"""The published shapes of service points, as documents and as what a body may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    IntegerField,
)

from ossrep.infra.web.serializers import StrictSerializer
from ossrep.market.domain.service_points import PREMISE_TYPES, STATUSES

AMS_INDICATORS = ("AMSM", "AMSR")
_ESI_ID = re.compile(r"[0-9]{10,36}")
_TEXTS = {
    "street": "street",
    "street_line2": "street_line2",
    "city": "city",
    "state": "state",
    "zip": "zip_code",
    "county": "county",
    "meter_read_cycle": "read_cycle",
    "premise_type": "premise_type",
    "station_code": "station",
    "station_name": "station_name",
    "open_service_orders": "open_service_orders",
    "polr_customer_class": "polr_customer_class",
    "tdsp_ams_indicator": "ams_indicator",
    "metered_service_type": "metered_service_type",
    "metered_service_type_desc": "metered_service_type_text",
}
"""Optional texts of a body, and the registry's field of each."""
_FLAGS = {
    "settlement_ams_indicator": "has_settlement_ams",
    "switch_hold_indicator": "has_switch_hold",
}


def _text(chars_max: int) -> CharField:
    return CharField(required=False, allow_null=True, allow_blank=True, max_length=chars_max)


def _choice(*words: str) -> ChoiceField:
    return ChoiceField(choices=list(words), required=False, allow_null=True, allow_blank=True)


class ServicePointBody(StrictSerializer):
    """What POST and PUT take. What a GET adds (id and instants) may come back; it is ignored."""

    service_point_id = IntegerField(required=False, allow_null=True, write_only=True)
    tdsp_id = IntegerField(required=False, allow_null=True)
    esiid = CharField(max_length=36)
    street = _text(120)
    street_line2 = _text(120)
    city = _text(60)
    state = _text(2)
    zip = _text(10)
    county = _text(60)
    meter_read_cycle = _text(4)
    status = ChoiceField(choices=list(STATUSES))
    premise_type = _choice(*PREMISE_TYPES)
    station_code = _text(30)
    station_name = _text(80)
    metered = BooleanField()
    open_service_orders = _text(2000)
    polr_customer_class = _text(40)
    settlement_ams_indicator = _choice("Y", "N")
    tdsp_ams_indicator = _choice(*AMS_INDICATORS)
    switch_hold_indicator = _choice("Y", "N")
    metered_service_type = _text(10)
    metered_service_type_desc = _text(120)
    created_at = DateTimeField(required=False, allow_null=True, write_only=True)
    updated_at = DateTimeField(required=False, allow_null=True, write_only=True)

    def validate_esiid(self, value: str) -> str:
        """Digits only, as the TDSPs give them."""
        if not _ESI_ID.fullmatch(value):
            raise ValidationError("An ESI ID has 10 to 36 digits.", code="invalid_esi_id")
        return value


class ServicePointShape(StrictSerializer):
    """A service point; what nobody has told is left out."""

    service_point_id = IntegerField()
    tdsp_id = IntegerField(required=False)
    esiid = CharField()
    street = CharField(required=False)
    street_line2 = CharField(required=False)
    city = CharField(required=False)
    state = CharField(required=False)
    zip = CharField(required=False)
    county = CharField(required=False)
    meter_read_cycle = CharField(required=False)
    status = ChoiceField(choices=list(STATUSES))
    premise_type = ChoiceField(choices=list(PREMISE_TYPES), required=False)
    station_code = CharField(required=False)
    station_name = CharField(required=False)
    metered = BooleanField()
    open_service_orders = CharField(required=False, help_text="Separated by pipes.")
    polr_customer_class = CharField(required=False)
    settlement_ams_indicator = ChoiceField(choices=["Y", "N"], required=False)
    tdsp_ams_indicator = ChoiceField(choices=list(AMS_INDICATORS), required=False)
    switch_hold_indicator = ChoiceField(choices=["Y", "N"], required=False)
    metered_service_type = CharField(required=False)
    metered_service_type_desc = CharField(required=False)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class ServicePointPageShape(StrictSerializer):
    """A page of service points."""

    content = ServicePointShape(many=True)
    page = IntegerField()
    size = IntegerField()
    total_elements = IntegerField()
    total_pages = IntegerField()


class UpsertedShape(StrictSerializer):
    """How many service points were made or replaced."""

    upserted = IntegerField()


def registry_values(
    body: Mapping[str, Any], *, tdsp_codes: Mapping[int, str]
) -> tuple[str, dict[str, Any]]:
    """ESI ID and all fields of a validated body: what it leaves out is emptied.

    Raises ValidationError where no TDSP has its ``tdspId``.
    """
    tdsp_id = body.get("tdsp_id")
    if tdsp_id is not None and tdsp_id not in tdsp_codes:
        detail = ErrorDetail("No TDSP has this id.", code="unknown_tdsp")
        raise ValidationError({"tdspId": [detail]})
    flags = {"Y": True, "N": False}
    return body["esiid"], {
        "tdsp_code": tdsp_codes.get(tdsp_id, "") if tdsp_id is not None else "",
        "status": body["status"],
        "is_metered": body["metered"],
        **{field: body.get(name) or "" for name, field in _TEXTS.items()},
        **{field: flags.get(body.get(name) or "") for name, field in _FLAGS.items()},
    }
