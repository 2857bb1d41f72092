"""Plain files of the market, and rows of theirs that could not be taken."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.domain.deadlines import local_text
from ossrep.market.models import (
    CbciAnswer,
    CbciError,
    CbciFile,
    RefusedFileRow,
    SwitchHoldList,
)
from ossrep.market.usecases.refused_rows import settle_file_rows
from ossrep.market.usecases.retry_file_rows import retry_file_rows


@admin.register(SwitchHoldList)
class SwitchHoldListAdmin(ReadOnlyAdmin):
    called = ("switch-hold list", "switch-hold lists")
    menu_place = 7
    list_display = ["tdsp", "list_date", "held", "released", "refused", "file_name", "received_at"]
    list_filter = ["tdsp", "list_date"]
    list_select_related = ["tdsp"]
    search_fields = ["file_name", "tdsp__code"]


@admin.register(RefusedFileRow)
class RefusedFileRowAdmin(ReadOnlyAdmin):
    called = ("row of a market file in quarantine", "rows of market files in quarantine")
    menu_place = 8
    list_display = ["file_name", "line", "kind", "message", "refused_at", "settlement"]
    list_filter = ["kind", "settlement", "refused_at"]
    search_fields = ["file_name", "raw_row", "message"]
    actions = ["retry", "discard"]

    def count_waiting(self) -> int:
        """Rows that nobody has settled."""
        return RefusedFileRow.objects.filter(settled_at=None).count()

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may settle rows of the quarantine."""
        return bool(request.user.has_perm("market.change_refusedfilerow"))

    @admin.action(description="Read all open rows again", permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[RefusedFileRow]) -> None:
        taken, left = retry_file_rows(as_of=clock.now())
        self.message_user(request, f"{taken} taken, {left} still refused", messages.SUCCESS)

    @admin.action(description="Lay aside", permissions=["settle"])
    def discard(self, request: HttpRequest, queryset: QuerySet[RefusedFileRow]) -> None:
        row_ids = list(queryset.values_list("pk", flat=True))
        try:
            settle_file_rows(row_ids=row_ids, as_of=clock.now(), settlement="discarded")
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{len(row_ids)} laid aside", messages.SUCCESS)


class CbciErrorInline(ReadOnlyInline):
    model = CbciError
    fields = ["tag", "esi_id", "original_type", "original_number", "field_name", "error_text"]
    readonly_fields = [
        "tag",
        "esi_id",
        "original_type",
        "original_number",
        "field_name",
        "error_text",
    ]
    verbose_name_plural = "errors"


@admin.register(CbciFile)
class CbciFileAdmin(ReadOnlyAdmin):
    called = ("billing contact file", "billing contact files")
    menu_place = 9
    list_display = ["file_name", "duns", "month", "report_id", "records", "incomplete", "sent_on"]
    list_filter = ["duns", "month"]
    search_fields = ["file_name", "report_id", "duns"]

    @admin.display(description="written", ordering="written_at")
    def sent_on(self, file: CbciFile) -> str:
        return local_text(file.written_at)


@admin.register(CbciAnswer)
class CbciAnswerAdmin(ReadOnlyAdmin):
    called = ("answer to a billing contact file", "answers to billing contact files")
    menu_place = 10
    list_display = ["report_id", "report_name", "duns", "records", "good", "bad", "received_at"]
    list_filter = ["report_name", "duns", "received_at"]
    search_fields = ["report_id", "file_name", "=errors__esi_id"]
    search_help_text = "report ID, file name, ESI ID"
    inlines = [CbciErrorInline]
