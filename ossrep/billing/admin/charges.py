"""Charges: what was rated, with the usage of each day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.billing.admin.base import ByAccountAdmin, days_text, kwh, plain_number, usd
from ossrep.billing.admin.invoice_page import plan_link, usage_link
from ossrep.billing.models import Charge, Invoice
from ossrep.billing.queries.account_labels import find_accounts

_BAR, _HEIGHT = 18, 90


class LiveFilter(admin.SimpleListFilter):
    """Charges that count, or that went with a reversed invoice."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "live"), ("reversed", "reversed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("live", "reversed"):
            return queryset.filter(reversal__isnull=self.value() == "live")
        return queryset


@admin.register(Charge)
class ChargeAdmin(ByAccountAdmin):
    menu_place = 20
    list_display = [
        "esi_id",
        "account",
        "period",
        "plan",
        "used_kwh",
        "sent_kwh",
        "usage_source",
        "bank_usd",
        "amount_shown_usd",
        "state",
    ]
    list_filter = [LiveFilter, "usage_source", "delivery_source"]
    list_select_related = ["printed_part"]
    date_hierarchy = "period_start"
    search_fields = ["=esi_id"]
    search_help_text = "ESI ID, account or invoice number, bill-to name"
    ordering = ["-pk"]
    fieldsets = [
        (None, {"fields": ["account", "usage", "invoice", "state", "plan", "period"]}),
        (
            "Usage",
            {
                "fields": [
                    ("used_kwh", "sent_kwh", "peak"),
                    ("usage_source", "estimated_intervals"),
                    "days",
                ]
            },
        ),
        (
            "Money",
            {
                "fields": [
                    "amount_shown_usd",
                    "delivery_source",
                    "bank",
                ]
            },
        ),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(account_id__in=find_accounts(term=term))
        number = plain_number(term)
        if number:
            issued = Invoice.objects.filter(number=number).values("pk")
            wanted |= Q(esi_id=number) | Q(invoice_id__in=issued)
        return queryset.filter(wanted), False

    @admin.display(description="invoice")
    def invoice(self, charge: Charge) -> SafeString:
        number = Invoice.objects.values_list("number", flat=True).get(pk=charge.invoice_id)
        return format_html('<a href="../../../invoice/{}/">{}</a>', charge.invoice_id, number)

    @admin.display(description="period", ordering="period_start")
    def period(self, charge: Charge) -> str:
        return days_text(charge.period_start, charge.period_end)

    @admin.display(description="plan")
    def plan(self, charge: Charge) -> SafeString | str:
        return plan_link(charge.printed_part.content)

    @admin.display(description="ESI ID")
    def usage(self, charge: Charge) -> SafeString | str:
        days = {"date__gte": charge.period_start, "date__lt": charge.period_end}
        return usage_link(charge, charge.esi_id, days)

    @admin.display(description="kWh", ordering="import_wh")
    def used_kwh(self, charge: Charge) -> str:
        return kwh(charge.import_wh)

    @admin.display(description="kWh sent", ordering="export_wh")
    def sent_kwh(self, charge: Charge) -> str:
        return kwh(charge.export_wh) if charge.export_wh else "-"

    @admin.display(description="peak")
    def peak(self, charge: Charge) -> str:
        return f"{charge.peak_w / 1000:,.1f} kW" if charge.peak_w >= 0 else "not measured"

    @admin.display(description="bank after", ordering="bank_out_usd")
    def bank_usd(self, charge: Charge) -> str:
        return usd(charge.bank_out_usd) if charge.bank_out_usd else "-"

    @admin.display(description="credit bank")
    def bank(self, charge: Charge) -> str:
        return (
            f"{usd(charge.bank_in_usd)} before, {usd(charge.bank_earned_usd)} earned, "
            f"{usd(charge.bank_applied_usd)} applied at once, {usd(charge.bank_used_usd)} used, "
            f"{usd(charge.bank_lost_usd)} lost, {usd(charge.bank_out_usd)} after"
        )

    @admin.display(description="charges", ordering="amount_usd")
    def amount_shown_usd(self, charge: Charge) -> str:
        return usd(charge.amount_usd)

    @admin.display(description="state", ordering="reversal_id")
    def state(self, charge: Charge) -> SafeString:
        look, word = ("good", "live") if charge.reversal_id is None else ("bad", "reversed")
        return format_html('<span class="stamp {}">{}</span>', look, word)

    @admin.display(description="each day")
    def days(self, charge: Charge) -> SafeString | str:
        wh = np.frombuffer(bytes(charge.daily_import_wh), dtype="<i8")
        if not wh.size:
            return "known for the period only"
        scale = _HEIGHT / max(int(wh.max()), 1)
        return format_html(
            '<svg class="days" width="{}" height="{}" role="img" aria-label="kWh of each day">'
            "{}</svg>",
            _BAR * wh.size,
            _HEIGHT,
            format_html_join(
                "", _RECT, (_rect(charge, n, int(w), scale) for n, w in enumerate(wh))
            ),
        )


_RECT = '<rect x="{}" y="{}" width="{}" height="{}"><title>{}: {} kWh</title></rect>'


def _rect(charge: Charge, number: int, wh: int, scale: float) -> tuple[object, ...]:
    height = round(wh * scale, 1)
    date = charge.period_start + dt.timedelta(days=number)
    return number * _BAR, _HEIGHT - height, _BAR - 3, height, date, kwh(wh)
