"""What goes out: messages, interchanges, groups with what partners said of them."""

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
    Acknowledgment,
    Delivery,
    OutboundGroup,
    OutboundInterchange,
    OutboundMessage,
    Placement,
)
from ossrep.market.usecases.interchange.resending import resend_group


class PlacementInline(ReadOnlyInline):
    model = Placement
    fields = ["interchange", "group", "set_control_number"]
    verbose_name_plural = "sent in"


@admin.register(OutboundMessage)
class OutboundMessageAdmin(ReadOnlyAdmin):
    """Messages of ours."""

    called = ("sent message", "sent messages")
    menu_place = 25
    paginator = CappedPaginator
    list_display = [
        *("queued_at", "kind", "partner", "reference", "original_reference", "esi_link"),
        *("state", "interchange"),
    ]
    list_filter = ["kind", "partner", "queued_at"]
    list_select_related = ["partner"]
    search_fields = ["=esi_id", "=reference", "=original_reference", "=pk"]
    show_full_result_count = False
    inlines = [PlacementInline]
    readonly_fields = ["text"]
    fields = [
        *("kind", "partner", "reference", "original_reference", "esi_id", "our_duns"),
        *("queued_at", "step_id", "answers", "text"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundMessage]:
        found: QuerySet[OutboundMessage] = super().get_queryset(request)
        last = Placement.objects.filter(message=OuterRef("pk")).order_by("-pk")
        return found.annotate(
            last_state=Subquery(last.values("interchange__state")[:1]),
            last_name=Subquery(last.values("interchange__name")[:1]),
            last_code=Subquery(last.values("group__acknowledgment")[:1]),
        )

    @admin.display(description="ESI ID", ordering="esi_id")
    def esi_link(self, row: OutboundMessage) -> SafeString | str:
        return link_to("market_order", row.esi_id, row.esi_id) if row.esi_id else ""

    @admin.display(description="state")
    def state(self, row: Any) -> str:
        if row.last_code:
            return f"acknowledged {row.last_code}"
        return row.last_state or "queued"

    @admin.display(description="interchange")
    def interchange(self, row: Any) -> SafeString | str:
        name = row.last_name or ""
        return link_to("market_outboundinterchange", name, name) if name else ""

    @admin.display(description="segments")
    def text(self, row: OutboundMessage) -> SafeString:
        lines = "\n".join("*".join(segment) for segment in row.segments)
        return format_html("<pre>{}</pre>", lines)


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = ["attempted_at", "is_taken", "receipt", "error"]
    verbose_name_plural = "attempts to hand it over"


class GroupInline(ReadOnlyInline):
    model = OutboundGroup
    fields = ["functional_id", "control_number", "set_count", "acknowledgment", "acknowledged_at"]
    verbose_name_plural = "groups"


@admin.register(OutboundInterchange)
class OutboundInterchangeAdmin(ReadOnlyAdmin):
    """Interchanges as they are handed over."""

    called = ("sent interchange", "sent interchanges")
    menu_place = 26
    paginator = CappedPaginator
    waiting_query = "state__exact=written"
    list_display = [
        *("written_at", "name", "partner", "control_number", "is_test", "state", "attempts"),
        *("sent_at", "next_attempt_at", "raw"),
    ]
    list_filter = ["state", "partner", "is_test", "written_at"]
    list_select_related = ["partner"]
    search_fields = ["name", "sha256", "=control_number"]
    show_full_result_count = False
    inlines = [GroupInline, DeliveryInline]
    exclude = ["content"]
    readonly_fields = ["raw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundInterchange]:
        found: QuerySet[OutboundInterchange] = super().get_queryset(request)
        return found.defer("content")

    def count_waiting(self) -> int:
        """Interchanges that are not handed over."""
        return OutboundInterchange.objects.filter(state="written").count()

    @admin.display(description="bytes")
    def raw(self, row: OutboundInterchange) -> SafeString:
        url = reverse("admin:market_outboundinterchange_raw", args=[row.pk])
        return format_html('<a href="{}" download>as it goes out</a>', url)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:row_id>/raw/",
            self.admin_site.admin_view(self.download),
            name="market_outboundinterchange_raw",
        )
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """The bytes as they are handed over."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = OutboundInterchange.objects.filter(pk=row_id).first()
        if row is None:
            return HttpResponse("there is none", status=404, content_type="text/plain")
        return HttpResponse(
            bytes(row.content),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="sent-{row.pk}.edi"',
                "X-Content-Type-Options": "nosniff",
            },
        )


class AcknowledgmentInline(ReadOnlyInline):
    model = Acknowledgment
    fields = ["received_at", "code", "sets", "inbound_set"]
    verbose_name_plural = "answers"


@admin.register(OutboundGroup)
class OutboundGroupAdmin(ReadOnlyAdmin):
    """Groups of ours and their 997s."""

    called = ("sent group", "sent groups")
    menu_place = 27
    paginator = CappedPaginator
    list_display = [
        *("control_number", "functional_id", "partner", "set_count", "sent_at"),
        *("acknowledgment", "acknowledged_at", "interchange"),
    ]
    list_filter = ["acknowledgment", "functional_id", "partner"]
    list_select_related = ["partner", "interchange"]
    search_fields = ["=control_number", "interchange__name"]
    show_full_result_count = False
    inlines = [AcknowledgmentInline]
    actions = ["resend"]

    @admin.display(description="sent at", ordering="interchange__sent_at")
    def sent_at(self, group: OutboundGroup) -> Any:
        return group.interchange.sent_at

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Who may let a group go out again."""
        return bool(request.user.has_perm("market.change_outboundgroup"))

    @admin.action(description="Let them go out again", permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[OutboundGroup]) -> None:
        for group_id in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                again = resend_group(group_id=group_id, now=clock.now())
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                names = ", ".join(interchange.name for interchange in again)
                self.message_user(request, f"goes out next: {names}", messages.SUCCESS)
