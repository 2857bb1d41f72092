"""Interval days, with a small chart of each."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ossrep.kernel.market_time import interval_start_minutes
from ossrep.meter.admin.base import ByEsiIdAdmin
from ossrep.meter.db import connection
from ossrep.meter.domain.day_chart import day_chart
from ossrep.meter.domain.interval_days import QUALITY_NAMES
from ossrep.meter.domain.vee.rules import failed_names
from ossrep.meter.models import IntervalDay
from ossrep.published.meter import MISSING_WH

NEWEST_SHOWN = 500


@admin.register(IntervalDay)
class IntervalDayAdmin(ByEsiIdAdmin):
    list_display = (
        "meter_point",
        "date",
        "direction",
        "kwh",
        "peak_kw",
        "missing",
        "estimated",
        "counts",
        "revision",
        "source",
        "source_time",
        "fails",
    )
    list_filter = ("direction", "source")
    search_help_text = (
        f"ESI ID, or its beginning; without it the {NEWEST_SHOWN} newest revisions are shown"
    )
    ordering = ("-date", "meter_point", "direction", "-revision")
    fields = (
        "meter_point",
        "date",
        "direction",
        "chart",
        "kwh",
        "peak_kw",
        "missing_intervals",
        "estimated_intervals",
        "counts",
        "revision",
        "source",
        "source_time",
        "received_at",
        "came_from",
        "register_kwh",
        "fails",
        "values",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntervalDay]:
        days: QuerySet[IntervalDay] = super().get_queryset(request)
        later = IntervalDay.objects.filter(
            meter_point=OuterRef("meter_point"),
            date=OuterRef("date"),
            direction=OuterRef("direction"),
            revision__gt=OuterRef("revision"),
            became_current=True,
        )
        days = days.annotate(is_overtaken=Exists(later)).defer("wh", "quality")
        if request.resolver_match and request.resolver_match.url_name == _LIST:
            chosen = {name for name in request.GET if name in _CHOOSING}
            return days if chosen else days.filter(id__gt=_newest_id() - NEWEST_SHOWN)
        return days

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in _CHOOSING or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description="missing", ordering="missing_intervals")
    def missing(self, day: IntervalDay) -> int:
        return day.missing_intervals

    @admin.display(description="estimated", ordering="estimated_intervals")
    def estimated(self, day: IntervalDay) -> int:
        return day.estimated_intervals

    @admin.display(description="usage, kWh", ordering="total_wh")
    def kwh(self, day: IntervalDay) -> str:
        return f"{day.total_wh / 1000:,.3f}"

    @admin.display(description="peak kW", ordering="peak_wh")
    def peak_kw(self, day: IntervalDay) -> str:
        return f"{day.peak_wh * 4 / 1000:,.3f}"

    @admin.display(description="counts now", boolean=True)
    def counts(self, day: Any) -> bool:
        return bool(day.became_current and not day.is_overtaken)

    @admin.display(description="fails")
    def fails(self, day: IntervalDay) -> str:
        return ", ".join(failed_names(day.vee_failed))

    @admin.display(description="came from")
    def came_from(self, day: IntervalDay) -> str:
        return f"{day.intake.name}, line {day.line}"

    @admin.display(description="by register readings")
    def register_kwh(self, day: IntervalDay) -> str:
        return "no readings" if day.register_wh < 0 else f"{day.register_wh / 1000:,.3f} kWh"

    @admin.display(description="chart")
    def chart(self, day: IntervalDay) -> SafeString:
        wh, quality, minutes = _values(day)
        # Numbers only, made by ourselves.
        return mark_safe(day_chart(wh=wh, quality=quality, minutes=minutes))  # noqa: S308

    @admin.display(description="values, kWh")
    def values(self, day: IntervalDay) -> SafeString:
        wh, quality, minutes = _values(day)
        rows = format_html_join(
            "",
            "<tr><th>{}:00</th>{}</tr>",
            (
                (f"{minutes[i] // 60:02d}", _cells(wh[i : i + 4], quality[i : i + 4]))
                for i in range(0, len(wh), 4)
            ),
        )
        return format_html("<table>{}</table>", rows)


_LIST = "meter_intervalday_changelist"
_CHOOSING = {"q", "date", "date__gte", "date__lt", "meter_point__esi_id", "intake__id__exact"}


def _newest_id() -> int:
    with connection().cursor() as cursor:
        cursor.execute("SELECT last_value FROM interval_day_id_seq")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _values(day: IntervalDay) -> tuple[list[int], str, list[int]]:
    minutes = [int(minute) for minute in interval_start_minutes(day.date)]
    letters = bytes(day.quality).decode()
    wh: list[int] = np.frombuffer(bytes(day.wh), dtype="<i4").tolist()
    return wh, letters * len(wh) if len(letters) == 1 else letters, minutes


def _cells(wh: list[int], quality: str) -> SafeString:
    return format_html_join(
        "",
        '<td title="{}" style="text-align: right">{}</td>',
        (
            (
                QUALITY_NAMES[ord(letter)],
                "missing"
                if value == MISSING_WH
                else f"{value / 1000:.3f}{'' if letter == 'A' else ' ' + letter}",
            )
            for value, letter in zip(wh, quality, strict=True)
        ),
    )
