"""Lists and single records of the internal surface, all alike: filters, sorting, cursors, tags.

A view says what its records are, which of their fields may filter (django-filter) and sort, and
what is shown of one; a filter or sort key that is not named is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import Model, QuerySet
from django.http import Http404
from django_filters.filterset import FilterSet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, CharField, Serializer

from ossrep.infra.web.json_bodies import camel, snake
from ossrep.infra.web.paging import SIZE_MAX, cursor_page
from ossrep.infra.web.preconditions import with_etag
from ossrep.infra.web.views import InternalView

ID_MAX = 2**63 - 1
IDS_MAX = 1_000
_PAGING = ("cursor", "size", "sort")

Sorts = Mapping[str, Sequence[str]]
"""Name in ``?sort=`` to the fields of the order, together unique and never null."""

BY_ID: Sorts = {"id": ("pk",), "-id": ("-pk",)}


class NumberIn(django_filters.BaseInFilter, django_filters.NumberFilter):
    """Several ids, separated by commas."""


class TextIn(django_filters.BaseInFilter, django_filters.CharFilter):
    """Several texts, separated by commas."""


class RecordFilters(FilterSet):
    """Filters of a list; names in the address are camelCase."""


class RecordsView(InternalView):
    """A list by cursor. Subclasses have a documented ``get`` that answers ``self.listed``."""

    records: ClassVar[Callable[[], QuerySet[Any]]]
    shape: ClassVar[type[Serializer[Any]]]
    filters: ClassVar[type[RecordFilters]] = RecordFilters
    sorts: ClassVar[Sorts] = BY_ID

    def listed(self, request: Request) -> Response:
        """``{items, nextCursor}``; the number of queries does not depend on the size."""
        order = order_of(request, self.sorts)
        rows = filtered(request, type(self).records(), self.filters)
        page = cursor_page(request, rows, order=order)
        shown = self.shape(page.rows, many=True).data
        return Response({"items": shown, "next_cursor": page.next_cursor or None})


class RecordView(InternalView):
    """One record by id, with its ETag."""

    records: ClassVar[Callable[[], QuerySet[Any]]]
    shape: ClassVar[type[Serializer[Any]]]

    def shown(self, request: Request, record_id: int) -> Response:
        """The record, 304 for who has it, or 404."""
        return with_etag(request, dict(self.shape(self.found(record_id)).data))

    def found(self, record_id: int, *, rows: QuerySet[Any] | None = None) -> Any:
        """The row; Http404 where there is none."""
        chosen = type(self).records() if rows is None else rows
        found: Model | None = chosen.filter(pk=record_id).first() if record_id <= ID_MAX else None
        if found is None:
            raise Http404
        return found


def order_of(request: Request, sorts: Sorts = BY_ID) -> Sequence[str]:
    """The fields that ``?sort=`` names; the first of the keys without. 400 on another key."""
    name = request.query_params.get("sort", next(iter(sorts)))
    if name not in sorts:
        raise refused("sort", "unknown_value", f"sort is one of {', '.join(sorts)}.")
    return sorts[name]


def filtered(request: Request, rows: QuerySet[Any], filters: type[RecordFilters]) -> QuerySet[Any]:
    """The rows that the address asks for. 400 on a filter that is unknown, or whose value is."""
    known = _filters_of(filters)
    given = {}
    for name in request.query_params:
        if name in _PAGING:
            continue
        if snake(name) not in known or camel(snake(name)) != name:
            raise refused(name, "unknown_filter", "There is no such filter.")
        value = request.query_params[name]
        if isinstance(known[snake(name)], django_filters.BooleanFilter) and (
            value not in ("true", "false")
        ):
            # Django takes whatever else for "does not matter", and would show all.
            raise refused(name, "invalid", f"{name} is true or false.")
        given[snake(name)] = value
    found = filters(data=given, queryset=rows)
    if not found.is_valid():
        raise ValidationError(
            {
                camel(name): [ErrorDetail(str(text), code="invalid") for text in texts]
                for name, texts in found.errors.items()
            }
        )
    rows_found: QuerySet[Any] = found.qs
    return rows_found


def refused(name: str, code: str, text: str) -> ValidationError:
    """A 400 that names the parameter."""
    return ValidationError({name: [ErrorDetail(text, code=code)]})


def page_of(shape: type[Serializer[Any]]) -> BaseSerializer[Any]:
    """The shape of a list's answer, for the documents."""
    name = f"{shape.__name__.removesuffix('Shape')}Page"
    fields = {"items": shape(many=True), "next_cursor": CharField(allow_null=True)}
    found: BaseSerializer[Any] = inline_serializer(name, fields)
    return found


def list_parameters(
    filters: type[RecordFilters] = RecordFilters, sorts: Sorts = BY_ID
) -> list[OpenApiParameter]:
    """What a list takes in its address, for the documents."""
    own = [
        OpenApiParameter(
            camel(name), _type_of(found), description=str(found.extra.get("help_text", ""))
        )
        for name, found in _filters_of(filters).items()
    ]
    return [
        *own,
        OpenApiParameter("sort", str, enum=list(sorts)),
        OpenApiParameter("cursor", str, description="The `nextCursor` of the answer before."),
        OpenApiParameter("size", int, description=f"1 to {SIZE_MAX}."),
    ]


def _filters_of(filters: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = filters.base_filters
    return found


def _type_of(found: Any) -> Any:
    if isinstance(found, django_filters.BaseInFilter):
        return str
    kinds = {
        django_filters.NumberFilter: int,
        django_filters.BooleanFilter: bool,
        django_filters.DateFilter: dt.date,
        django_filters.IsoDateTimeFilter: dt.datetime,
    }
    return next((kind for cls, kind in kinds.items() if isinstance(found, cls)), str)
