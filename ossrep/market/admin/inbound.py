"""What came in: files with their bytes, interchanges, sets with their outcomes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.admin_links import link_to
from ossrep.infra.record_admin import CappedPaginator, ReadOnlyAdmin, ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.models import (
    InboundArrival,
    InboundFile,
    InboundInterchange,
    InboundOutcome,
    InboundSet,
)
from ossrep.market.usecases.interchange.raw import raw_of
from ossrep.market.usecases.interchange.waiting import lay_aside, reprocess_sets

TEXT_SHOWN_MAX = 20_000


class ArrivalInline(ReadOnlyInline):
    model = InboundArrival
    fields = ["arrived_at", "channel", "partner", "name", "is_repeat"]
    verbose_name_plural = "arrivals"


class InterchangeInline(ReadOnlyInline):
    model = InboundInterchange
    fields = ["control_number", "sender", "receiver", "is_test", "verdict", "text"]
    verbose_name_plural = "interchanges"


@admin.register(InboundFile)
class InboundFileAdmin(ReadOnlyAdmin):
    """Files as they came."""

    called = ("received file", "received files")
    menu_place = 23
    paginator = CappedPaginator
    list_display = ["received_at", "name", "size_bytes", "state", "note", "sets", "raw"]
    list_filter = ["work__state", "syntax", "received_at"]
    list_select_related = ["work"]
    search_fields = ["name", "sha256", "interchanges__control_number", "=pk"]
    show_full_result_count = False
    inlines = [InterchangeInline, ArrivalInline]
    fields = ["name", "received_at", "size_bytes", "sha256", "syntax", "state", "note", "raw"]
    readonly_fields = ["state", "note", "raw"]

    @admin.display(description="state", ordering="work__state")
    def state(self, file: InboundFile) -> str:
        return file.work.state

    @admin.display(description="note")
    def note(self, file: InboundFile) -> str:
        return file.work.note[:300]

    @admin.display(description="sets")
    def sets(self, file: InboundFile) -> SafeString | str:
        return link_to("market_inboundset", "", "sets", file__id__exact=file.pk)

    @admin.display(description="bytes")
    def raw(self, file: InboundFile) -> SafeString:
        url = reverse("admin:market_inboundfile_raw", args=[file.pk])
        return format_html('<a href="{}" download>as it came</a>', url)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:file_id>/raw/",
            self.admin_site.admin_view(self.download),
            name="market_inboundfile_raw",
        )
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, file_id: int) -> HttpResponse:
        """The bytes as they came, as a download that no browser opens."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            data = raw_of(wanted=f"file:{file_id}")
        except DomainError as error:
            return HttpResponse(str(error), status=404, content_type="text/plain")
        return HttpResponse(
            data,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="received-{file_id}.edi"',
                "X-Content-Type-Options": "nosniff",
            },
        )


class OutcomeInline(ReadOnlyInline):
    model = InboundOutcome
    fields = ["decided_at", "number", "state", "code", "text"]
    verbose_name_plural = "outcomes"


class LastOutcomeFilter(admin.SimpleListFilter):
    """By what became of the set in the end."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("parked", "parked"), ("rejected", "rejected"), ("applied", "applied")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "parked":
            return queryset.filter(parking__settled_at=None, parking__isnull=False)
        return queryset.filter(last_state=self.value()) if self.value() else queryset


@admin.register(InboundSet)
class InboundSetAdmin(ReadOnlyAdmin):
    """Transaction sets with what became of them."""

    called = ("received message", "received messages")
    menu_place = 24
    paginator = CappedPaginator
    waiting_query = "outcome=parked"
    list_display = [
        *("received_at", "kind_text", "partner", "reference", "original_reference", "esi_link"),
        *("outcome", "outcome_text", "links"),
    ]
    list_filter = [LastOutcomeFilter, "kind", "partner", "received_at"]
    list_select_related = ["partner", "file"]
    search_fields = ["=esi_id", "=reference", "=original_reference", "=pk"]
    show_full_result_count = False
    inlines = [OutcomeInline]
    actions = ["process_again", "put_aside"]
    readonly_fields = ["links", "raw_text"]
    fields = [
        *("kind", "code", "control_number", "partner", "reference", "original_reference"),
        *("esi_id", "tdsp_duns", "received_at", "links", "raw_text"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundSet]:
        sets: QuerySet[InboundSet] = super().get_queryset(request)
        last = InboundOutcome.objects.filter(inbound_set=OuterRef("pk")).order_by("-number")
        return sets.annotate(
            last_state=Subquery(last.values("state")[:1]),
            last_code=Subquery(last.values("code")[:1]),
            last_text=Subquery(last.values("text")[:1]),
        )

    def count_waiting(self) -> int:
        """Sets that are parked."""
        return InboundSet.objects.filter(parking__isnull=False, parking__settled_at=None).count()

    @admin.display(description="message", ordering="kind")
    def kind_text(self, row: InboundSet) -> str:
        return row.kind or row.code or "?"

    @admin.display(description="ESI ID", ordering="esi_id")
    def esi_link(self, row: InboundSet) -> SafeString | str:
        return link_to("market_order", row.esi_id, row.esi_id) if row.esi_id else ""

    @admin.display(description="outcome")
    def outcome(self, row: Any) -> str:
        return f"{row.last_state or ''} {row.last_code or ''}".strip()

    @admin.display(description="text")
    def outcome_text(self, row: Any) -> str:
        return (row.last_text or "")[:200]

    @admin.display(description="links")
    def links(self, row: InboundSet) -> SafeString:
        file = reverse("admin:market_inboundfile_change", args=[row.file_id])
        items = link_to("market_workitem", "", "work items", state="all", inbound_set_id=row.pk)
        return format_html('<a href="{}">file {}</a> · {}', file, row.file_id, items)

    @admin.display(description="as it came")
    def raw_text(self, row: InboundSet) -> SafeString:
        text = raw_of(wanted=f"set:{row.pk}")[:TEXT_SHOWN_MAX].decode("latin-1")
        lines = text.replace("\r", "").replace("\n", "").replace("~", "~\n")
        return format_html("<pre>{}</pre>", lines)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may process parked sets again or put them aside."""
        return bool(request.user.has_perm("market.change_parkedset"))

    @admin.action(description="Process parked ones again", permissions=["settle"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[InboundSet]) -> None:
        ids = list(queryset.order_by("pk").values_list("pk", flat=True))
        try:
            moved = reprocess_sets(set_ids=ids, now=clock.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            told = f"{moved} of {len(ids)} no longer wait"
            self.message_user(request, told, messages.SUCCESS)

    @admin.action(description="Put parked ones aside for good", permissions=["settle"])
    def put_aside(self, request: HttpRequest, queryset: QuerySet[InboundSet]) -> None:
        reason = f"put aside by {request.user.get_username()}"
        try:
            for set_id in queryset.order_by("pk").values_list("pk", flat=True):
                lay_aside(set_id=set_id, reason=reason, now=clock.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
