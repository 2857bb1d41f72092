"""Delivery tariffs, readable row by row."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.kernel import clock
from ossrep.product.domain.plan_words import dollars_text
from ossrep.product.models import TariffRow, TariffSeries
from ossrep.product.queries.tariffs import plain_decimal


class _InForceFilter(admin.SimpleListFilter):
    """Rows in force today, or not."""

    title = "in force"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "today"), ("past", "ended"), ("future", "not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TariffRow]) -> QuerySet[TariffRow]:
        today = clock.market_today()
        match self.value():
            case "today":
                return queryset.filter(
                    Q(to_date__isnull=True) | Q(to_date__gt=today), from_date__lte=today
                )
            case "past":
                return queryset.filter(to_date__lte=today)
            case "future":
                return queryset.filter(from_date__gt=today)
        return queryset


class TariffRowInline(ReadOnlyInline):
    model = TariffRow
    fields = (
        "label",
        "rate",
        "unit",
        "from_date",
        "to_date",
        "proration",
        "ratchet_percent",
        "source",
        "confidence",
    )
    readonly_fields = ["rate"]
    ordering = ["from_date"]

    @admin.display(description="rate, $")
    def rate(self, row: TariffRow) -> str:
        return plain_decimal(row.rate_usd)


@admin.register(TariffSeries)
class TariffSeriesAdmin(ReadOnlyAdmin):
    called = ("delivery charge", "delivery charges")
    menu_place = 10
    list_display = ["tdsp_code", "rate_class", "charge_code", "label", "rows_kept", "rate_today"]
    list_filter = ["tdsp_code", "rate_class"]
    search_fields = ["tdsp_code", "rate_class", "charge_code", "rows__label"]
    inlines = [TariffRowInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TariffSeries]:
        today = clock.market_today()
        in_force = Q(rows__from_date__lte=today) & (
            Q(rows__to_date__isnull=True) | Q(rows__to_date__gt=today)
        )
        series: QuerySet[TariffSeries] = super().get_queryset(request)
        return series.annotate(
            rows_count=Count("rows"), rows_in_force=Count("rows", filter=in_force)
        ).prefetch_related("rows")

    @admin.display(description="label")
    def label(self, series: TariffSeries) -> str:
        rows = sorted(series.rows.all(), key=lambda row: row.from_date)
        return rows[-1].label if rows else ""

    @admin.display(description="rows", ordering="rows_count")
    def rows_kept(self, series: Any) -> int:
        return int(series.rows_count)

    @admin.display(description="rate today", ordering=F("rows_in_force").desc())
    def rate_today(self, series: TariffSeries) -> str:
        today = clock.market_today()
        for row in series.rows.all():
            if row.from_date <= today and (row.to_date is None or today < row.to_date):
                return f"{dollars_text(row.rate_usd)} per {row.get_unit_display()}"
        return "-"


@admin.register(TariffRow)
class TariffRowAdmin(ReadOnlyAdmin):
    called = ("delivery rate", "delivery rates")
    menu_place = 11
    list_display = [
        "tdsp",
        "rate_class",
        "charge",
        "label",
        "price",
        "in_force",
        "how_sure",
    ]
    list_filter = [
        _InForceFilter,
        "series__tdsp_code",
        "series__rate_class",
        "unit",
        "confidence",
    ]
    list_select_related = ["series"]
    search_fields = ["series__tdsp_code", "series__charge_code", "label", "source"]
    ordering = ["series__tdsp_code", "series__rate_class", "position", "from_date"]

    @admin.display(description="TDSP", ordering="series__tdsp_code")
    def tdsp(self, row: TariffRow) -> str:
        return row.series.tdsp_code

    @admin.display(description="rate class", ordering="series__rate_class")
    def rate_class(self, row: TariffRow) -> str:
        return row.series.rate_class

    @admin.display(description="charge", ordering="series__charge_code")
    def charge(self, row: TariffRow) -> str:
        return row.series.charge_code

    @admin.display(description="rate", ordering="rate_usd")
    def price(self, row: TariffRow) -> str:
        return f"{dollars_text(row.rate_usd)} per {row.get_unit_display()}"

    @admin.display(description="in force", ordering="from_date")
    def in_force(self, row: TariffRow) -> str:
        return f"{row.from_date} to {row.to_date}" if row.to_date else f"{row.from_date} on"

    @admin.display(description="confidence", ordering="confidence")
    def how_sure(self, row: TariffRow) -> str:
        return row.confidence.replace("_", " ")
