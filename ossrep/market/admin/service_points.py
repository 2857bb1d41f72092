"""Service points as the market last told of them, and days without disconnects."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline, RecordAdmin
from ossrep.market.models import Moratorium, ServicePoint, ServicePointChange


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
        "tdsp_code",
        "status",
        "has_switch_hold",
        "has_special_needs",
        "read_cycle",
        "rate_class",
        "changed_at",
    ]
    list_filter = ["tdsp_code", "status", "has_switch_hold", "has_special_needs", "ams_indicator"]
    search_fields = ["=esi_id"]
    search_help_text = "ESI ID"
    inlines = [ChangeInline]
    readonly_fields = ["links"]

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
