"""Service points as the market last told of them, and days without disconnects."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline, RecordAdmin
from ossrep.market.models import Moratorium, ServicePoint, ServicePointChange
from ossrep.market.queries.address_search import search_addresses

FOUND_MAX = 50


class ChangeInline(ReadOnlyInline):
    model = ServicePointChange
    fields = ["effective_at", "source", "reference", "values", "notes", "recorded_at"]
    readonly_fields = ["effective_at", "source", "reference", "values", "notes", "recorded_at"]
    show_change_link = False


@admin.register(ServicePoint)
class ServicePointAdmin(ReadOnlyAdmin):
    """What the market last said of each ESI ID."""

    called = ("service point", "service points")
    menu_place = 3
    list_display = [
        "esi_id",
        "street",
        "street_line2",
        "city",
        "zip_code",
        "tdsp_code",
        "status",
        "has_switch_hold",
        "has_special_needs",
        "read_cycle",
        "changed_at",
    ]
    list_filter = ["tdsp_code", "status", "has_switch_hold", "has_special_needs", "ams_indicator"]
    search_fields = ["=esi_id"]
    search_help_text = "ESI ID, or number and street, then unit, city, ZIP; typing errors forgiven"
    inlines = [ChangeInline]
    readonly_fields = ["links"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ServicePoint], search_term: str
    ) -> tuple[QuerySet[ServicePoint], bool]:
        """An ESI ID by itself; anything else is taken for an address."""
        term = search_term.strip()
        if not term or term.isdecimal():
            return super().get_search_results(request, queryset, term)
        found = search_addresses(text=term, zip_code=None, limit=FOUND_MAX)
        return queryset.filter(esi_id__in=[one.point.esi_id for one in found]), False

    @admin.display(description="links")
    def links(self, point: ServicePoint) -> SafeString:
        pages = [(page, point.esi_id, page) for page in ("order", "workitem", "deadline")]
        return format_html(
            "{}", format_html_join(" · ", '<a href="/admin/market/{}/?q={}">{}</a>', pages)
        )


@admin.register(Moratorium)
class MoratoriumAdmin(RecordAdmin):
    """Entered when a TDSP announces one."""

    called = ("disconnect moratorium", "disconnect moratoria")
    menu_place = 6
    list_display = ["first_date", "last_date", "county", "tdsp_code", "reason"]
    list_filter = ["tdsp_code", "first_date"]
    search_fields = ["county", "reason"]
