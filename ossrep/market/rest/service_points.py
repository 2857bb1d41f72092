"""The published service-point contract: pages, single ones, bulk, and the feed of changes."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, IntegerField

from ossrep.infra.web.feeds import PARAMETERS, FeedShape, feed_page
from ossrep.infra.web.paging import page_body, read_page
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.kernel import clock
from ossrep.market.models import ServicePoint
from ossrep.market.queries.service_point_list import (
    count_service_points,
    find_service_point,
    list_service_points,
)
from ossrep.market.queries.service_point_shape import service_point_body, tdsp_ids
from ossrep.market.rest.service_point_shapes import (
    ServicePointBody,
    ServicePointPageShape,
    ServicePointShape,
    UpsertedShape,
    registry_values,
)
from ossrep.market.usecases.service_point_records import (
    UnknownServicePoint,
    create_service_point,
    delete_service_point,
    replace_service_point,
    upsert_service_points,
)

SIZE_MAX = 1_000
ID_MAX = 2**63 - 1
BULK_BYTES_MAX = 20_000_000


class ServicePointsView(InternalView):
    """``/api/v1/service-points``"""

    idempotency = "optional"

    @extend_schema(
        operation_id="listServicePoints",
        summary="Service points, page by page",
        parameters=[
            OpenApiParameter("page", int, description="From 0."),
            OpenApiParameter("size", int, description=f"1 to {SIZE_MAX}; 20 where left out."),
        ],
        responses=ServicePointPageShape,
    )
    def get(self, request: Request) -> Response:
        """A page, by id; the total comes from a tally, not from counting."""
        page = read_page(request, size_max=SIZE_MAX)
        ids = tdsp_ids()
        points = list_service_points(rows=page.rows)
        content = [service_point_body(point, tdsp_ids=ids) for point in points]
        return Response(page_body(page, content=content, total=count_service_points()))

    @extend_schema(
        operation_id="createServicePoint",
        summary="A new service point",
        request=ServicePointBody,
        responses={201: ServicePointShape},
    )
    def post(self, request: Request) -> Response:
        """Makes one; 409 where its ESI ID is there."""
        esi_id, values = _read(request)
        point = create_service_point(
            esi_id=esi_id, values=values, by=_caller(request), now=clock.now()
        )
        return Response(_body(point), status=HTTPStatus.CREATED)


class ServicePointView(InternalView):
    """``/api/v1/service-points/{servicePointId}``"""

    idempotency = "optional"

    @extend_schema(
        operation_id="getServicePoint", summary="One service point", responses=ServicePointShape
    )
    def get(self, request: Request, service_point_id: int) -> Response:
        """One, or 404."""
        found = find_service_point(service_point_id=_id(service_point_id))
        if found is None:
            raise Http404
        return Response(_body(found))

    @extend_schema(
        operation_id="replaceServicePoint",
        summary="Replace a service point",
        request=ServicePointBody,
        responses=ServicePointShape,
    )
    def put(self, request: Request, service_point_id: int) -> Response:
        """Replaces all of it: what the body leaves out is emptied."""
        esi_id, values = _read(request)
        try:
            point = replace_service_point(
                service_point_id=_id(service_point_id),
                esi_id=esi_id,
                values=values,
                by=_caller(request),
                now=clock.now(),
            )
        except UnknownServicePoint as unknown:
            raise Http404 from unknown
        return Response(_body(point))

    @extend_schema(
        operation_id="deleteServicePoint",
        summary="Delete a service point",
        responses={204: None},
    )
    def delete(self, request: Request, service_point_id: int) -> Response:
        """Deletes one; a second time 404."""
        try:
            delete_service_point(
                service_point_id=_id(service_point_id), by=_caller(request), now=clock.now()
            )
        except UnknownServicePoint as unknown:
            raise Http404 from unknown
        return Response(status=HTTPStatus.NO_CONTENT)


class ServicePointsBulkView(InternalView):
    """``/api/v1/service-points/bulk``"""

    idempotency = "optional"
    body_bytes_max = BULK_BYTES_MAX

    @extend_schema(
        operation_id="upsertServicePoints",
        summary="Make or replace many service points, by ESI ID",
        request=ServicePointBody(many=True),
        responses=UpsertedShape,
    )
    def put(self, request: Request) -> Response:
        """All of them or none."""
        if not isinstance(request.data, list):
            raise ValidationError([ErrorDetail("The body is a list.", code="not_a_list")])
        serializer = ServicePointBody(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        codes = _tdsp_codes()
        points = [registry_values(body, tdsp_codes=codes) for body in serializer.validated_data]
        count = upsert_service_points(points=points, by=_caller(request), now=clock.now())
        return Response({"upserted": count})


class ChangedServicePointShape(StrictSerializer):
    """A service point that has changed; ``record`` is left out where it was deleted."""

    id = IntegerField()
    is_deleted = BooleanField()
    record = ServicePointShape(required=False)


class ServicePointFeedShape(FeedShape):
    """Changed service points, and where to go on."""

    items = ChangedServicePointShape(many=True)


class ServicePointChangesView(InternalView):
    """``GET /api/v1/market/changes/service-points``"""

    @extend_schema(
        operation_id="listServicePointChanges",
        summary="Service points that have changed since a cursor",
        parameters=PARAMETERS,
        responses=ServicePointFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Every change of the registry, those of imports of millions, too."""
        ids = tdsp_ids()
        page = feed_page(request, ServicePoint.objects.all())
        return Response(page.body(lambda point: _changed(point, ids)))


def _changed(point: ServicePoint, ids: Mapping[str, int]) -> dict[str, Any]:
    is_deleted = point.deleted_at is not None
    record = {} if is_deleted else {"record": service_point_body(point, tdsp_ids=ids)}
    return {"id": point.pk, "is_deleted": is_deleted, **record}


def _read(request: Request) -> tuple[str, dict[str, Any]]:
    serializer = ServicePointBody(data=request.data)
    serializer.is_valid(raise_exception=True)
    return registry_values(serializer.validated_data, tdsp_codes=_tdsp_codes())


def _tdsp_codes() -> Mapping[int, str]:
    return {tdsp_id: code for code, tdsp_id in tdsp_ids().items()}


def _body(point: ServicePoint) -> dict[str, Any]:
    return service_point_body(point, tdsp_ids=tdsp_ids())


def _id(number: int) -> int:
    if number > ID_MAX:
        raise Http404
    return number


def _caller(request: Request) -> str:
    return str(request.auth.pk)
