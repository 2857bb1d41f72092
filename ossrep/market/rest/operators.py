"""ISOs and TDSPs: the read-only half of the published service-point contract."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.market.models import Iso, Tdsp
from ossrep.market.queries.operators import find_iso, find_tdsp, list_isos, list_tdsp_records

INSTANT = "%Y-%m-%dT%H:%M:%SZ"
ID_MAX = 2**63 - 1


class IsoShape(StrictSerializer):
    """An independent system operator."""

    iso_id = IntegerField()
    code = CharField()
    name = CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class TdspShape(StrictSerializer):
    """A wires company; ``duns`` is left out where none is known."""

    tdsp_id = IntegerField()
    iso_id = IntegerField()
    code = CharField()
    name = CharField()
    duns = CharField(required=False)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class IsosView(InternalView):
    """``GET /api/v1/isos``"""

    @extend_schema(operation_id="listIsos", summary="All ISOs", responses=IsoShape(many=True))
    def get(self, request: Request) -> Response:
        """All ISOs, by id."""
        return Response([_iso(row) for row in list_isos()])


class IsoView(InternalView):
    """``GET /api/v1/isos/{isoId}``"""

    @extend_schema(operation_id="getIso", summary="One ISO", responses=IsoShape)
    def get(self, request: Request, iso_id: int) -> Response:
        """One ISO, or 404."""
        row = find_iso(iso_id=iso_id) if iso_id <= ID_MAX else None
        if row is None:
            raise Http404
        return Response(_iso(row))


class TdspsView(InternalView):
    """``GET /api/v1/tdsps?code=``"""

    @extend_schema(
        operation_id="listTdsps",
        summary="All TDSPs",
        parameters=[OpenApiParameter("code", str, description="Only the one with this code.")],
        responses=TdspShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """All TDSPs, by id; with ``code`` that one or none."""
        code = request.query_params.get("code", "")
        return Response([_tdsp(row) for row in list_tdsp_records(code=code)])


class TdspView(InternalView):
    """``GET /api/v1/tdsps/{tdspId}``"""

    @extend_schema(operation_id="getTdsp", summary="One TDSP", responses=TdspShape)
    def get(self, request: Request, tdsp_id: int) -> Response:
        """One TDSP, or 404."""
        row = find_tdsp(tdsp_id=tdsp_id) if tdsp_id <= ID_MAX else None
        if row is None:
            raise Http404
        return Response(_tdsp(row))


def _iso(row: Iso) -> dict[str, object]:
    return {
        "iso_id": row.pk,
        "code": row.code,
        "name": row.name,
        "created_at": row.created_at.strftime(INSTANT),
        "updated_at": row.updated_at.strftime(INSTANT),
    }


def _tdsp(row: Tdsp) -> dict[str, object]:
    return {
        "tdsp_id": row.pk,
        "iso_id": row.iso_id,
        "code": row.code,
        "name": row.name,
        **({"duns": row.duns} if row.duns else {}),
        "created_at": row.created_at.strftime(INSTANT),
        "updated_at": row.updated_at.strftime(INSTANT),
    }
