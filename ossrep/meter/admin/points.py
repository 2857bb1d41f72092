"""Meter points and their monthly registers."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.meter.admin.base import ByEsiIdAdmin, CappedPaginator, changelist_link
from ossrep.meter.models import MeterPoint, RegisterUsage


class RegisterUsageInline(ReadOnlyInline):
    model = RegisterUsage
    fields = ("start_date", "end_date", "import_wh", "export_wh", "peak_w", "source_reference")
    ordering = ("-start_date",)


@admin.register(MeterPoint)
class MeterPointAdmin(ReadOnlyAdmin):
    list_display = ("esi_id", "first_export_date", "created_at", "days", "results")
    search_fields = ("esi_id__startswith",)
    search_help_text = "ESI ID, or its beginning"
    ordering = ("esi_id",)
    paginator = CappedPaginator
    show_full_result_count = False
    inlines = (RegisterUsageInline,)
    fields = ("esi_id", "first_export_date", "created_at", "days", "results")

    @admin.display(description="interval days")
    def days(self, point: MeterPoint) -> SafeString:
        return changelist_link("intervalday", "days", q=point.esi_id)

    @admin.display(description="VEE results")
    def results(self, point: MeterPoint) -> SafeString:
        return changelist_link("veeresult", "results", q=point.esi_id)


@admin.register(RegisterUsage)
class RegisterUsageAdmin(ByEsiIdAdmin):
    list_display = (
        "meter_point",
        "start_date",
        "end_date",
        "import_kwh",
        "export_kwh",
        "peak_kw",
        "is_estimated",
        "is_final",
        "received_at",
    )
    list_filter = ("is_estimated", "is_final")
    ordering = ("-end_date", "-id")

    @admin.display(description="import kWh", ordering="import_wh")
    def import_kwh(self, usage: RegisterUsage) -> str:
        return f"{usage.import_wh / 1000:,.3f}"

    @admin.display(description="export kWh", ordering="export_wh")
    def export_kwh(self, usage: RegisterUsage) -> str:
        return f"{usage.export_wh / 1000:,.3f}"

    @admin.display(description="peak kW", ordering="peak_w")
    def peak_kw(self, usage: RegisterUsage) -> str:
        return "" if usage.peak_w is None else f"{usage.peak_w / 1000:,.3f}"
