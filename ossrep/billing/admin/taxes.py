"""Places with their local taxes, and the rates of the state's law."""

from __future__ import annotations

from fractions import Fraction

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.billing.models import LawRate, LocalTax, LocalTaxRate, TaxPlace
from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.rating.exact import exact_text


def percent(rate: Fraction) -> str:
    """``1.997 %``, exact."""
    return f"{exact_text(rate * 100)} %"


class LocalTaxInline(ReadOnlyInline):
    """The taxes of a place, each with all its dated rates."""

    model = LocalTax
    fields = ["position", "code", "rates_in_time"]
    readonly_fields = ["rates_in_time"]
    ordering = ["position"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LocalTax]:
        taxes: QuerySet[LocalTax] = super().get_queryset(request)
        return taxes.prefetch_related("rates")

    @admin.display(description="rates")
    def rates_in_time(self, tax: LocalTax) -> str:
        return "; ".join(_rate_words(rate) for rate in tax.rates.all())


def _rate_words(rate: LocalTaxRate) -> str:
    end = f" to {rate.to_date}" if rate.to_date else ""
    homes = "homes too" if rate.residential else "not homes"
    return f"{rate.label} {percent(Fraction(rate.rate))}, {homes}, from {rate.from_date}{end}"


@admin.register(TaxPlace)
class TaxPlaceAdmin(ReadOnlyAdmin):
    menu_place = 60
    list_display = ["name", "code", "population", "taxes", "premises"]
    search_fields = ["code", "name"]
    ordering = ["name"]
    inlines = [LocalTaxInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxPlace]:
        places: QuerySet[TaxPlace] = super().get_queryset(request)
        return places.annotate(tax_count=Count("local_taxes"))

    @admin.display(description="local taxes", ordering="tax_count")
    def taxes(self, place: TaxPlace) -> int:
        return int(getattr(place, "tax_count", 0))

    @admin.display(description="premises")
    def premises(self, place: TaxPlace) -> SafeString | str:
        try:
            url = reverse("admin:customer_premises_changelist")
        except NoReverseMatch:
            return "-"
        return format_html('<a href="{}?tax_place={}">premises</a>', url, place.code)


@admin.register(LawRate)
class LawRateAdmin(ReadOnlyAdmin):
    called = ("rate of the law", "rates of the law")
    menu_place = 62
    list_display = ["kind", "above_population", "rate", "from_date", "to_date", "source"]
    list_filter = ["kind"]
    search_fields = ["source"]

    @admin.display(description="rate")
    def rate(self, row: LawRate) -> str:
        return f"{row.numerator}/{row.denominator} ({float(row.numerator / row.denominator):.4%})"
