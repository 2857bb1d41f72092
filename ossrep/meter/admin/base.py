"""What pages over very large tables share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.meter.models import MeterPoint

COUNTED_MAX = 10_000
POINTS_MAX = 200

if TYPE_CHECKING:
    BasePaginator = Paginator[Any]
else:
    BasePaginator = Paginator


class CappedPaginator(BasePaginator):
    """Counts no further than a person would turn pages: counting millions of rows takes long."""

    @cached_property
    def count(self) -> int:
        """At most ``COUNTED_MAX``."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return len(rows.order_by().values_list("pk", flat=True)[:COUNTED_MAX])
        return len(rows)


class ByEsiIdAdmin(ReadOnlyAdmin):
    """Records of meter points in tables too large to be searched but by ESI ID."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_select_related = True
    search_fields = ("meter_point__esi_id",)
    search_help_text = "ESI ID, or its beginning"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        points = MeterPoint.objects.filter(esi_id__startswith=term).order_by("esi_id")
        return queryset.filter(meter_point__in=list(points[:POINTS_MAX])), False


def changelist_link(model: str, text: str, **query: object) -> SafeString:
    """A link to another list of this context, filtered."""
    url = reverse(f"admin:meter_{model}_changelist")
    wanted = "&".join(f"{name}={value}" for name, value in query.items())
    return format_html('<a href="{}?{}">{}</a>', url, wanted, text)
