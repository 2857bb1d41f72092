"""MarkeTrak issues: what is due first stands first."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.contrib import admin
from django.db.models import F
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.market.domain.marketrak import State
from ossrep.market.models import MarketrakEntry, MarketrakIssue


class EntryInline(ReadOnlyInline):
    model = MarketrakEntry
    fields = ["written_at", "trigger", "state", "text", "links", "written_by"]
    readonly_fields = ["written_at", "trigger", "state", "text", "links", "written_by"]
    verbose_name_plural = "what was said and done"


@admin.register(MarketrakIssue)
class MarketrakIssueAdmin(ReadOnlyAdmin):
    """A queue to read; steps are taken by ``manage.py market marketrak``."""

    called = ("MarkeTrak issue", "MarkeTrak issues")
    menu_place = 1
    list_display = ["__str__", "subtype", "esi_id", "tdsp_code", "side", "state", "due_at"]
    list_filter = ["state", "subtype", "tdsp_code", "side", "due_at"]
    search_fields = ["=esi_id", "=number", "entries__text"]
    search_help_text = "ESI ID, MarkeTrak number, words"
    ordering = [F("due_at").asc(nulls_last=True), "-opened_at"]
    inlines = [EntryInline]
    readonly_fields = ["links"]

    def count_waiting(self) -> int:
        """Those that are not closed."""
        return MarketrakIssue.objects.exclude(state=State.CLOSED).count()

    @admin.display(description="links")
    def links(self, issue: MarketrakIssue) -> SafeString:
        told = [
            format_html(
                '<a href="/admin/market/{}/{}/change/">{} {}</a>', page, row_id, what, row_id
            )
            for page, what, row_id in (
                ("order", "order", issue.order_id),
                ("workitem", "work item", issue.work_item_id),
            )
            if row_id is not None
        ]
        told.append(
            format_html(
                '<a href="/admin/market/workitem/?{}">work items</a>',
                urlencode({"state": "all", "q": str(issue)}, quote_via=quote),
            )
        )
        if issue.esi_id:
            told.append(
                format_html('<a href="/admin/market/deadline/?q={}">deadlines</a>', issue.esi_id)
            )
        return format_html(" · ".join("{}" for _ in told), *told)
