"""Files that came in, and what of them did not load."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.meter.admin.base import CappedPaginator, changelist_link
from ossrep.meter.models import Intake, QuarantinedRecord
from ossrep.meter.usecases.decide_quarantine import dismiss_quarantined, retry_quarantined
from ossrep.meter.usecases.quarantine import WHOLE_FILE

RAW_SHOWN = 20_000


@admin.register(Intake)
class IntakeAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "name",
        "kind",
        "state",
        "received_at",
        "accepted_days",
        "replaced_days",
        "older_days",
        "unchanged_days",
        "refused",
    )
    list_display_links = ("id", "name")
    list_filter = ("kind", "state")
    search_fields = ("name",)
    date_hierarchy = "received_at"
    ordering = ("-id",)

    @admin.display(description="refused", ordering="refused_records")
    def refused(self, intake: Intake) -> SafeString | str:
        if not intake.refused_records:
            return "0"
        return changelist_link(
            "quarantinedrecord", str(intake.refused_records), intake__id__exact=intake.pk
        )


@admin.register(QuarantinedRecord)
class QuarantinedRecordAdmin(ReadOnlyAdmin):
    waiting_query = "?state__exact=open"
    list_display = (
        "id",
        "place",
        "esi_id",
        "date",
        "reason",
        "message",
        "state",
        "attempts",
        "created_at",
    )
    list_filter = ("state", "reason", "format")
    search_fields = ("esi_id__startswith", "file", "message")
    search_help_text = "ESI ID, file name or words of the message"
    ordering = ("state", "-id")
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    actions = ("retry", "dismiss")
    fields = (
        "file",
        "first_line",
        "last_line",
        "esi_id",
        "date",
        "reason",
        "message",
        "format",
        "state",
        "attempts",
        "created_at",
        "decided_at",
        "decision",
        "raw_text",
    )

    def count_waiting(self) -> int:
        """Records that nobody has settled."""
        return QuarantinedRecord.objects.filter(state="open").count()

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedRecord]:
        records: QuerySet[QuarantinedRecord] = super().get_queryset(request)
        return records.defer("raw")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may try records again or dismiss them."""
        return bool(request.user.has_perm("meter.change_quarantinedrecord"))

    @admin.display(description="file and line", ordering="file")
    def place(self, record: QuarantinedRecord) -> str:
        name = PurePath(record.file).name
        return f"{name}:{record.first_line}" if record.first_line != WHOLE_FILE else name

    @admin.display(description="as received")
    def raw_text(self, record: Any) -> SafeString:
        raw = bytes(record.raw)
        shown = raw[:RAW_SHOWN].decode("utf-8", "backslashreplace")
        more = f"\n... {len(raw) - RAW_SHOWN} more bytes" if len(raw) > RAW_SHOWN else ""
        return format_html("<pre>{}{}</pre>", shown, more)

    @admin.action(description="Read again and load what is good now", permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[QuarantinedRecord]) -> None:
        ids = list(queryset.filter(state="open").values_list("pk", flat=True))
        try:
            report = retry_quarantined(record_ids=ids, received_at=clock.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        told = f"{report.loaded} loaded, {len(report.refused)} still refused"
        if report.whole_files:
            told += f", {len(report.whole_files)} files to be imported again"
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(description="Dismiss: shall not load", permissions=["settle"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[QuarantinedRecord]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        reason = f"dismissed in the admin by {request.user.get_username()}"
        try:
            count = dismiss_quarantined(record_ids=ids, reason=reason)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{count} dismissed", messages.SUCCESS)
