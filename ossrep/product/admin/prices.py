"""Market prices day by day, corrections, and rows that wait."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from numpy.typing import NDArray

from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.product.domain.price_chart import price_day_svg
from ossrep.product.models import MISSING_PRICE, PriceCorrection, PriceDay, RefusedPriceRow
from ossrep.product.queries.prices import unpack_prices
from ossrep.product.usecases.settle_refused_prices import (
    discard_refused_prices,
    retry_refused_prices,
)


class _CompleteFilter(admin.SimpleListFilter):
    """Days with every price, or not yet."""

    title = "complete"
    parameter_name = "complete"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "yes"), ("no", "no")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PriceDay]) -> QuerySet[PriceDay]:
        match self.value():
            case "yes":
                return queryset.filter(missing=0)
            case "no":
                return queryset.exclude(missing=0)
        return queryset


@admin.register(PriceDay)
class PriceDayAdmin(ReadOnlyAdmin):
    called = ("day of market prices", "market prices")
    menu_place = 20
    list_display = [
        "series",
        "date",
        "intervals",
        "missing",
        "lowest",
        "average",
        "highest",
        "source_name",
    ]
    list_filter = [_CompleteFilter]
    search_fields = ["series"]
    date_hierarchy = "date"
    fields = [
        "series",
        "date",
        "intervals",
        "missing",
        "lowest",
        "average",
        "highest",
        "chart",
        "source_name",
        "updated_at",
    ]

    @admin.display(description="intervals")
    def intervals(self, day: PriceDay) -> int:
        return len(unpack_prices(day.prices))

    @admin.display(description="lowest, $/MWh")
    def lowest(self, day: PriceDay) -> str:
        return f"{int(_known(day).min()) / 100:.2f}"

    @admin.display(description="average, $/MWh")
    def average(self, day: PriceDay) -> str:
        return f"{float(_known(day).mean()) / 100:.2f}"

    @admin.display(description="highest, $/MWh")
    def highest(self, day: PriceDay) -> str:
        return f"{int(_known(day).max()) / 100:.2f}"

    @admin.display(description="day")
    def chart(self, day: PriceDay) -> SafeString:
        # The picture holds numbers only.
        return mark_safe(  # noqa: S308
            price_day_svg(date=day.date, prices=unpack_prices(day.prices))
        )


def _known(day: PriceDay) -> NDArray[np.int32]:
    prices = unpack_prices(day.prices)
    known: NDArray[np.int32] = prices[prices != MISSING_PRICE]
    return known


@admin.register(PriceCorrection)
class PriceCorrectionAdmin(ReadOnlyAdmin):
    menu_place = 21
    list_display = ["series", "date", "interval", "before", "after", "source_name", "corrected_at"]
    search_fields = ["series", "source_name"]
    date_hierarchy = "date"

    @admin.display(description="before, $/MWh", ordering="price_before")
    def before(self, row: PriceCorrection) -> str:
        return f"{row.price_before / 100:.2f}"

    @admin.display(description="after, $/MWh", ordering="price_after")
    def after(self, row: PriceCorrection) -> str:
        return f"{row.price_after / 100:.2f}"


@admin.register(RefusedPriceRow)
class RefusedPriceRowAdmin(ReadOnlyAdmin):
    called = ("price row in quarantine", "price rows in quarantine")
    menu_place = 22
    waiting_query = "?settled_at__isempty=1"
    list_display = ["place", "reason_code", "message", "row", "refused_at", "settlement"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter), "reason_code", "refused_at"]
    search_fields = ["file_name", "raw_row", "message"]
    actions = ["retry", "discard"]

    def count_waiting(self) -> int:
        """Rows that nobody has settled."""
        return RefusedPriceRow.objects.filter(settled_at=None).count()

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may settle rows of the quarantine."""
        return bool(request.user.has_perm("product.change_refusedpricerow"))

    @admin.display(description="place", ordering="file_name")
    def place(self, row: RefusedPriceRow) -> str:
        return str(row)

    @admin.display(description="row")
    def row(self, row: RefusedPriceRow) -> SafeString:
        return format_html("<code>{}</code>", row.raw_row[:120])

    @admin.action(description="Read all open rows again", permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[RefusedPriceRow]) -> None:
        outcome = retry_refused_prices(as_of=clock.now())
        told = f"{outcome.loaded} loaded, {outcome.still_refused} still refused"
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(description="Lay aside", permissions=["settle"])
    def discard(self, request: HttpRequest, queryset: QuerySet[RefusedPriceRow]) -> None:
        row_ids = list(queryset.values_list("pk", flat=True))
        try:
            discard_refused_prices(row_ids=row_ids, as_of=clock.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{len(row_ids)} laid aside", messages.SUCCESS)
