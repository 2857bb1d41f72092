"""Imports of customer books and the rows that they refused."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.customer.models import ImportRun, QuarantinedRow
from ossrep.customer.usecases.settle_quarantine import discard_quarantined, retry_quarantined
from ossrep.infra import audit
from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    called = ("import of a book", "imports of books")
    menu_place = 20
    list_display = ["started_at", "finished_at", "files", "outcome", "refused", "error"]
    ordering = ["-pk"]

    @admin.display(description="files")
    def files(self, run: ImportRun) -> str:
        names = [str(source).rpartition("/")[2] for source in run.sources]
        return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")

    @admin.display(description="taken")
    def outcome(self, run: ImportRun) -> str:
        if run.finished_at is None:
            return "not finished"
        kept = ("created", "changed", "unchanged")
        sums = {name: sum(counts[name] for counts in run.counts.values()) for name in kept}
        return ", ".join(f"{count} {name}" for name, count in sums.items() if count) or "nothing"

    @admin.display(description="refused")
    def refused(self, run: ImportRun) -> int:
        return sum(counts["refused"] for counts in run.counts.values())


class ReasonActionForm(ActionForm):
    """The actions' bar with a place to say why."""

    reason = forms.CharField(required=False, max_length=200, label="Reason")


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnlyAdmin):
    called = ("row in quarantine", "rows in quarantine")
    menu_place = 21
    waiting_query = "?state__exact=open"
    list_display = ["kind", "number", "place", "reason", "state", "attempts", "created_at"]
    list_filter = ["state", "kind", "reason_code"]
    search_fields = ["=number", "file", "reason", "raw"]
    ordering = ["-pk"]
    exclude = ["record", "fingerprint", "reason_code"]
    readonly_fields = ["content"]
    action_form = ReasonActionForm
    actions = ["retry", "discard"]
    show_full_result_count = False

    def count_waiting(self) -> int:
        """Rows that nobody has settled."""
        return QuarantinedRow.objects.filter(state="open").count()

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may decide on refused rows."""
        return bool(request.user.has_perm("customer.change_quarantinedrow"))

    @admin.display(description="place", ordering="file")
    def place(self, row: QuarantinedRow) -> str:
        return f"{row.file.rpartition('/')[2]}:{row.line}"

    @admin.display(description="content")
    def content(self, row: QuarantinedRow) -> SafeString:
        text = json.dumps(row.record, indent=2, ensure_ascii=False) if row.record else row.raw
        return format_html('<pre class="flush">{}</pre>', text)

    @admin.action(description="Try the selected rows again", permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[QuarantinedRow]) -> None:
        self._settle(request, self._retry, _ids(queryset))

    @admin.action(description="Put the selected rows away (say why)", permissions=["settle"])
    def discard(self, request: HttpRequest, queryset: QuerySet[QuarantinedRow]) -> None:
        self._settle(request, self._discard, _ids(queryset))

    def _settle(self, request: HttpRequest, decide: Any, ids: list[int]) -> None:
        reason = request.POST.get("reason", "")
        try:
            with audit.history_context(reason=reason):
                told = decide(ids, reason)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, told, messages.SUCCESS)

    def _retry(self, ids: list[int], _: str) -> str:
        result = retry_quarantined(ids=ids, as_of=clock.market_today())
        taken = sum(counts.taken for counts in result.counts.values())
        return f"{taken} rows taken, {result.refused} refused again"

    def _discard(self, ids: list[int], reason: str) -> str:
        return f"{discard_quarantined(ids=ids, reason=reason)} rows put away"


def _ids(queryset: QuerySet[QuarantinedRow]) -> list[int]:
    return list(queryset.values_list("pk", flat=True))
