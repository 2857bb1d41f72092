"""Premises and meters, for operators."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.customer.queries import records
from ossrep.customer.rest import internal_shapes as shapes
from ossrep.infra.web.records import RecordsView, RecordView, list_parameters, page_of


class PremisesListView(RecordsView):
    """All premises."""

    records = records.premises
    shape = shapes.OperatorsPremisesShape
    filters = shapes.PremisesFilters
    sorts = shapes.BY_NUMBER

    @extend_schema(
        operation_id="listPremises",
        summary="Premises",
        parameters=list_parameters(shapes.PremisesFilters, shapes.BY_NUMBER),
        responses=page_of(shapes.OperatorsPremisesShape),
    )
    def get(self, request: Request) -> Response:
        """Premises with their meters."""
        return self.listed(request)


class PremisesView(RecordView):
    """One premises."""

    records = records.premises
    shape = shapes.OperatorsPremisesShape

    @extend_schema(
        operation_id="getPremises", summary="One premises", responses=shapes.OperatorsPremisesShape
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The premises with its meters, or 404."""
        return self.shown(request, record_id)


class MetersView(RecordsView):
    """All meters."""

    records = records.meters
    shape = shapes.OperatorsMeterShape
    filters = shapes.MeterFilters

    @extend_schema(
        operation_id="listMeters",
        summary="Meters",
        parameters=list_parameters(shapes.MeterFilters),
        responses=page_of(shapes.OperatorsMeterShape),
    )
    def get(self, request: Request) -> Response:
        """Meters with their ESI IDs."""
        return self.listed(request)
