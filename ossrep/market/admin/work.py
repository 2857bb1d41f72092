"""What waits for a person, and the deadlines behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline, RecordAdmin
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.models import (
    Deadline,
    DeadlineState,
    Holiday,
    WorkItem,
    WorkItemNote,
    WorkItemState,
)
from ossrep.market.usecases.work_items import (
    assign_work_items,
    note_work_item,
    resolve_work_items,
)

_LINK = '<a href="/admin/market/{}/{}/change/">{} {}</a>'
_DEADLINES = '<a href="/admin/market/deadline/?q={}">deadlines</a>'


class WordsForm(ActionForm):
    """Words for the chosen items: whose they become, what was said or done."""

    words = forms.CharField(
        required=False,
        max_length=1000,
        label="Words",
        widget=forms.TextInput(attrs={"placeholder": "name, note or what was done", "size": 40}),
    )


class OpenFirstFilter(admin.SimpleListFilter):
    """Open ones, unless others are chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        states = model_admin.model._meta.get_field("state").choices
        return [*((v, str(t)) for v, t in states if v != "open"), ("all", "all")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "open"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or "open")


class NoteInline(ReadOnlyInline):
    model = WorkItemNote
    fields = ["written_at", "written_by", "text"]
    readonly_fields = ["written_at", "written_by", "text"]
    verbose_name_plural = "notes"


@admin.register(WorkItem)
class WorkItemAdmin(ReadOnlyAdmin):
    """The queue: what is due first stands first."""

    called = ("market work item", "market work items")
    menu_place = 0
    list_display = ["title", "kind", "due_at", "risk_usd", "esi_id", "assignee", "opened_at"]
    list_filter = [OpenFirstFilter, "kind", "assignee", "due_at", "tdsp_code"]
    search_fields = ["=esi_id", "=reference", "title", "text"]
    search_help_text = "ESI ID, reference (BGN02), words"
    ordering = [F("due_at").asc(nulls_last=True), F("money_at_risk_usd").desc(nulls_last=True)]
    inlines = [NoteInline]
    action_form = WordsForm
    actions = ["assign", "note", "resolve"]
    fieldsets = [
        (None, {"fields": ["title", "kind", "text", "risk_usd", "due_at"]}),
        ("To send", {"fields": ["send_via", "text_as_sent"]}),
        ("About", {"fields": ["esi_id", "tdsp_code", "reference", "links"]}),
        (
            "Done",
            {"fields": ["state", "assignee", "opened_at", "resolution", "resolved_by"]},
        ),
    ]

    def count_waiting(self) -> int:
        """Open ones."""
        return WorkItem.objects.filter(state=WorkItemState.OPEN).count()

    def has_work_permission(self, request: HttpRequest) -> bool:
        """Who may work on the queue."""
        return bool(request.user.has_perm("market.change_workitem"))

    @admin.display(description="at risk (USD)", ordering="money_at_risk_usd")
    def risk_usd(self, item: WorkItem) -> str:
        return "-" if item.money_at_risk_usd is None else f"{item.money_at_risk_usd:,.2f}"

    @admin.display(description="text")
    def text_as_sent(self, item: WorkItem) -> SafeString:
        return format_html("<pre>{}</pre>", item.text_to_send or "-")

    @admin.display(description="links")
    def links(self, item: WorkItem) -> SafeString | str:
        found = {
            "order": ("order", item.order_id),
            "message received": ("inboundset", item.inbound_set_id),
            "message sent": ("outboundmessage", item.outbound_message_id),
        }
        told = [
            format_html(
                '<a href="/admin/market/{}/{}/change/">{} {}</a>', page, row_id, what, row_id
            )
            for what, (page, row_id) in found.items()
            if row_id is not None
        ]
        if item.esi_id:
            told.append(
                format_html('<a href="/admin/market/deadline/?q={}">deadlines</a>', item.esi_id)
            )
        return format_html(" · ".join("{}" for _ in told), *told) if told else "-"

    @admin.action(description="Give to (name in the field)", permissions=["work"])
    def assign(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> None:
        words = request.POST.get("words", "").strip()
        self._do(request, queryset, lambda ids: assign_work_items(item_ids=ids, assignee=words))

    @admin.action(description="Note (words in the field)", permissions=["work"])
    def note(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> None:
        words = request.POST.get("words", "")

        def note_each(ids: list[int]) -> int:
            for item_id in ids:
                note_work_item(
                    item_id=item_id, text=words, written_by=_name(request), now=clock.now()
                )
            return len(ids)

        self._do(request, queryset, note_each)

    @admin.action(description="Resolve (what was done in the field)", permissions=["work"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> None:
        words = request.POST.get("words", "")
        self._do(
            request,
            queryset,
            lambda ids: resolve_work_items(
                item_ids=ids, resolution=words, resolved_by=_name(request), now=clock.now()
            ),
        )

    def _do(self, request: HttpRequest, queryset: QuerySet[WorkItem], do: Any) -> None:
        try:
            done = do(list(queryset.values_list("pk", flat=True)))
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{done} done", messages.SUCCESS)


def _name(request: HttpRequest) -> str:
    return str(request.user.get_username())


@admin.register(Deadline)
class DeadlineAdmin(ReadOnlyAdmin):
    """Answers that are owed to us."""

    called = ("deadline", "deadlines")
    menu_place = 4
    list_display = ["expects", "esi_id", "reference", "started_at", "nearly_at", "due_at", "state"]
    list_filter = [OpenFirstFilter, "expects", "tdsp_code", "due_at"]
    search_fields = ["=esi_id", "=reference", "=step"]
    search_help_text = "ESI ID, reference (BGN02), step"
    ordering = ["due_at", "pk"]

    def count_waiting(self) -> int:
        """Open ones that were found late."""
        return Deadline.objects.filter(state=DeadlineState.OPEN, told_late_at__isnull=False).count()


@admin.register(Holiday)
class HolidayAdmin(RecordAdmin):
    """Days that differ from the rules; TDSPs publish theirs every year."""

    called = ("holiday", "holidays")
    menu_place = 5
    list_display = ["date", "calendar", "name", "is_holiday", "source"]
    list_filter = ["calendar", "is_holiday"]
    search_fields = ["name", "calendar"]
    date_hierarchy = "date"
