"""The market's reference data in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest

from ossrep.infra.record_admin import ReadOnlyAdmin, RecordAdmin
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.models import Iso, ReadDate, RefusedReadRow, Tdsp
from ossrep.market.usecases.settle_refused_reads import discard_refused_reads, retry_refused_reads


@admin.register(Iso)
class IsoAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "duns"]


@admin.register(Tdsp)
class TdspAdmin(RecordAdmin):
    """TDSPs may be mended by hand: DUNS numbers and phones change without a file."""

    menu_place = 1
    list_display = ["code", "name", "duns", "outage_phone", "cycles", "calendar_until", "source"]
    search_fields = ["code", "name", "duns"]
    list_filter = ["iso"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tdsp]:
        tdsps: QuerySet[Tdsp] = super().get_queryset(request)
        return tdsps.annotate(
            cycles_count=Count("read_dates__read_cycle", distinct=True),
            last_read_date=Max("read_dates__read_date"),
        )

    @admin.display(description="read cycles", ordering="cycles_count")
    def cycles(self, tdsp: Any) -> int:
        return int(tdsp.cycles_count)

    @admin.display(description="calendar until", ordering="last_read_date")
    def calendar_until(self, tdsp: Any) -> Any:
        return tdsp.last_read_date

    def get_readonly_fields(self, request: HttpRequest, obj: Tdsp | None = None) -> list[str]:
        # The code is what files and other contexts refer to.
        return ["code", "iso"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Tdsp | None = None) -> bool:
        return False


@admin.register(ReadDate)
class ReadDateAdmin(ReadOnlyAdmin):
    called = ("read date", "meter-read calendar")
    menu_place = 2
    list_display = ["tdsp", "read_cycle", "month_text", "read_date"]
    list_filter = ["tdsp", "read_cycle"]
    list_select_related = ["tdsp"]
    search_fields = ["tdsp__code", "=read_cycle"]
    date_hierarchy = "read_date"
    ordering = ["-month", "tdsp__code", "read_cycle"]

    @admin.display(description="month", ordering="month")
    def month_text(self, read_date: ReadDate) -> str:
        return f"{read_date.month:%Y-%m}"


@admin.register(RefusedReadRow)
class RefusedReadRowAdmin(ReadOnlyAdmin):
    called = ("read date in quarantine", "read dates in quarantine")
    menu_place = 3
    list_display = ["file_name", "line", "message", "refused_at", "settlement"]
    list_filter = ["settlement", "refused_at"]
    search_fields = ["file_name", "raw_row", "message"]
    actions = ["retry", "discard"]

    def count_waiting(self) -> int:
        """Rows that nobody has settled."""
        return RefusedReadRow.objects.filter(settled_at=None).count()

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may settle rows of the quarantine."""
        return bool(request.user.has_perm("market.change_refusedreadrow"))

    @admin.action(description="Read all open rows again", permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[RefusedReadRow]) -> None:
        outcome = retry_refused_reads(as_of=clock.now())
        told = f"{outcome.loaded} loaded, {outcome.still_refused} still refused"
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(description="Lay aside", permissions=["settle"])
    def discard(self, request: HttpRequest, queryset: QuerySet[RefusedReadRow]) -> None:
        row_ids = list(queryset.values_list("pk", flat=True))
        try:
            discard_refused_reads(row_ids=row_ids, as_of=clock.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{len(row_ids)} laid aside", messages.SUCCESS)
