"""What the public may ask of the registry: an address's ESI IDs, and whether one can be served.

A service point is named by its ESI ID alone; nothing here says who lives there.
"""

from __future__ import annotations

import re

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, FloatField

from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import PublicView
from ossrep.market.queries.address_search import TEXT_CHARS_MAX, search_addresses
from ossrep.market.queries.service_point_list import find_by_esi_id
from ossrep.published.market import FoundAddress

LIMIT = 10
CHARS_MIN = 3
_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?")


class FoundAddressShape(StrictSerializer):
    """An address with its ESI ID; ``score`` is 0 to 100."""

    esi_id = CharField()
    tdsp_code = CharField()
    street = CharField()
    unit = CharField(allow_blank=True)
    city = CharField()
    state = CharField()
    zip = CharField()
    score = FloatField()


class FoundAddressesShape(StrictSerializer):
    """The likeliest addresses, the best first."""

    items = FoundAddressShape(many=True)


class EsiIdShape(StrictSerializer):
    """Whether a service point can be served; a flag is left out where nobody has told."""

    esi_id = CharField()
    tdsp_code = CharField()
    is_active = BooleanField()
    is_metered = BooleanField(required=False)
    has_switch_hold = BooleanField(required=False)


class AddressesView(PublicView):
    """``GET /api/v1/addresses?q=&zip=``"""

    @extend_schema(
        operation_id="searchAddresses",
        summary="Service points by address",
        parameters=[
            OpenApiParameter(
                "q",
                str,
                required=True,
                description="House number and street, then unit, city, ZIP as far as known. "
                "Typing errors are forgiven.",
            ),
            OpenApiParameter("zip", str, description="Five digits; four more are passed over."),
        ],
        responses=FoundAddressesShape,
    )
    def get(self, request: Request) -> Response:
        """At most ten, the likeliest first."""
        text = request.query_params.get("q", "").strip()
        if not CHARS_MIN <= len(text) <= TEXT_CHARS_MAX:
            raise _refusal("q", f"q has {CHARS_MIN} to {TEXT_CHARS_MAX} characters.")
        zip_code = request.query_params.get("zip", "")
        if zip_code and not _ZIP.fullmatch(zip_code):
            raise _refusal("zip", "zip has five digits, or nine.")
        found = search_addresses(text=text, zip_code=zip_code or None, limit=LIMIT)
        return Response({"items": [_address(one) for one in found]})


class EsiIdView(PublicView):
    """``GET /api/v1/esi-ids/{esiId}``"""

    @extend_schema(
        operation_id="getEsiId",
        summary="Whether an ESI ID can be served",
        responses=EsiIdShape,
    )
    def get(self, request: Request, esi_id: str) -> Response:
        """Active, metered, on switch hold, and whose wires; 404 where nobody knows it."""
        point = find_by_esi_id(esi_id=esi_id)
        if point is None:
            raise Http404
        flags = {"is_metered": point.is_metered, "has_switch_hold": point.has_switch_hold}
        known = {name: flag for name, flag in flags.items() if flag is not None}
        return Response(
            {
                "esi_id": point.esi_id,
                "tdsp_code": point.tdsp_code,
                "is_active": point.status == "Active",
                **known,
            }
        )


def _address(found: FoundAddress) -> dict[str, object]:
    point = found.point
    return {
        "esi_id": point.esi_id,
        "tdsp_code": point.tdsp_code,
        "street": point.street,
        "unit": point.street_line2,
        "city": point.city,
        "state": point.state,
        "zip": point.zip_code,
        "score": found.score,
    }


def _refusal(name: str, text: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(text, code="invalid")]})
