"""Orders with all that happened to them, and messages that wait for their turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.domain.order_requests import RequestRefused
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.models import Order, OrderStep, WaitingMessage
from ossrep.market.usecases.orders.changing import cancel_order, change_date, resend_order
from ossrep.market.usecases.orders.waiting import lay_aside

_LIST = '<a href="/admin/market/{}/?q={}">{}</a>'
_ROW = '<a href="/admin/market/{}/{}/change/">{}</a>'
_OTHER = '<a href="/admin/{}/?q={}">{}</a>'


class OrderActionForm(ActionForm):
    """The day of a date change; why an order is cancelled."""

    date = forms.DateField(
        required=False, label="Day", widget=forms.DateInput(attrs={"type": "date"})
    )
    text = forms.CharField(
        required=False,
        max_length=80,
        label="Why",
        widget=forms.TextInput(attrs={"placeholder": "why it is cancelled", "size": 30}),
    )


class StepInline(ReadOnlyInline):
    model = OrderStep
    fields = ["number", "happened_at", "trigger", "verdict", "to_state", "message", "done", "by"]
    readonly_fields = ["message", "done"]
    verbose_name_plural = "what happened"
    show_change_link = True

    @admin.display(description="message")
    def message(self, step: OrderStep) -> SafeString | str:
        if step.inbound_set_id is None:
            return step.reference or "-"
        return format_html(_ROW, "inboundset", step.inbound_set_id, step.reference or "set")

    @admin.display(description="done")
    def done(self, step: OrderStep) -> str:
        return "; ".join(step.effects) or "-"


class AboutInline(ReadOnlyInline):
    model = Order
    fk_name = "target"
    fields = ["kind", "reference", "state", "requested_date", "counter", "started_at"]
    verbose_name_plural = "cancels and changes of it"


class WaitingInline(ReadOnlyInline):
    model = WaitingMessage
    fields = ["trigger", "reference", "state", "arrived_at", "expires_at"]
    verbose_name_plural = "messages that came too early"


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders, newest first."""

    called = ("market order", "market orders")
    menu_place = 4
    list_display = [
        "reference",
        "kind",
        "state",
        "esi_id",
        "tdsp_code",
        "requested_date",
        "scheduled_date",
        "effective_date",
        "account_link",
        "changed_at",
    ]
    list_filter = ["is_open", "kind", "state", "tdsp_code", "started_at"]
    search_fields = ["=esi_id", "=reference", "=wish_id", "=account_number"]
    search_help_text = "ESI ID, number (BGN02), enrollment or move-out id, account number"
    date_hierarchy = "started_at"
    inlines = [StepInline, AboutInline, WaitingInline]
    action_form = OrderActionForm
    actions = ["cancel", "move", "resend"]
    fieldsets = [
        (None, {"fields": ["kind", "reference", "state", "meaning", "target"]}),
        ("Service point", {"fields": ["esi_id", "tdsp_code", "service_point"]}),
        ("Days", {"fields": ["requested_date", "scheduled_date", "effective_date", "counter"]}),
        ("Asked for by", {"fields": ["account_link", "wish", "wish_id", "attempt", "request"]}),
        ("See also", {"fields": ["links", "started_at", "changed_at"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["meaning", "account_link", "links"]

    def has_work_permission(self, request: HttpRequest) -> bool:
        """Who may send something to the market."""
        return bool(request.user.has_perm("market.change_order"))

    @admin.display(description="which means")
    def meaning(self, order: Order) -> str:
        return PROCESSES[order.kind].states[order.state]

    @admin.display(description="account", ordering="account_number")
    def account_link(self, order: Order) -> SafeString | str:
        if not order.account_number:
            return "-"
        return format_html(_OTHER, "customer/account", order.account_number, order.account_number)

    @admin.display(description="links")
    def links(self, order: Order) -> SafeString:
        places = [
            ("outboundmessage", order.reference, "what we sent"),
            ("inboundset", order.esi_id, "what came for the ESI ID"),
            ("deadline", order.reference, "deadlines"),
            ("workitem", order.reference, "work items"),
            ("servicepoint", order.esi_id, "service point"),
        ]
        return format_html_join(", ", _LIST, places)

    @admin.action(description="Cancel (814_08)", permissions=["work"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        text = request.POST.get("text", "")
        by = str(request.user)

        def act(order: Order, now: dt.datetime) -> None:
            reason = "A13" if text else "B40"
            cancel_order(order_id=order.pk, reason=reason, text=text, now=now, by=by)

        self._each(request, queryset, act)

    @admin.action(description="Change the date (814_12)", permissions=["work"])
    def move(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        text = request.POST.get("date", "")
        by = str(request.user)

        def act(order: Order, now: dt.datetime) -> None:
            try:
                date = dt.date.fromisoformat(text)
            except ValueError:
                raise RequestRefused("choose the day beside the action", where="date") from None
            change_date(order_id=order.pk, date=date, now=now, by=by)

        self._each(request, queryset, act)

    @admin.action(description="Send again, or anew where it was refused", permissions=["work"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        by = str(request.user)
        self._each(
            request, queryset, lambda order, now: resend_order(order_id=order.pk, now=now, by=by)
        )

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Order],
        act: Callable[[Order, dt.datetime], object],
    ) -> None:
        """Does it for each order by itself: one that refuses does not hold back the others."""
        done = 0
        for order in queryset.order_by("pk"):
            try:
                act(order, clock.now())
            except DomainError as refusal:
                self.message_user(request, f"{order}: {refusal}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, f"{done} queued", messages.SUCCESS)


@admin.register(OrderStep)
class OrderStepAdmin(ReadOnlyAdmin):
    """Every step of every order."""

    called = ("order step", "order steps")
    menu_place = 5
    list_display = ["happened_at", "order", "number", "trigger", "verdict", "to_state", "reference"]
    list_filter = ["verdict", "trigger", "happened_at"]
    list_select_related = ["order"]
    search_fields = ["=reference", "=order__reference", "=order__esi_id"]
    ordering = ["-pk"]


@admin.register(WaitingMessage)
class WaitingMessageAdmin(ReadOnlyAdmin):
    """Messages that came before what they follow, or that nobody asked for."""

    called = ("waiting message", "waiting messages")
    menu_place = 6
    list_display = ["trigger", "reference", "esi_id", "waits_for", "state", "expires_at", "told_at"]
    list_filter = ["state", "kind", "arrived_at"]
    search_fields = ["=esi_id", "=reference", "=original_reference"]
    actions = ["lay_aside"]
    waiting_query = "state__exact=waiting"

    def count_waiting(self) -> int:
        """Those that still wait."""
        return WaitingMessage.objects.filter(state="waiting").count()

    def has_work_permission(self, request: HttpRequest) -> bool:
        """Who may decide that a message is not ours."""
        return bool(request.user.has_perm("market.change_waitingmessage"))

    @admin.action(description="Lay aside", permissions=["work"])
    def lay_aside(self, request: HttpRequest, queryset: QuerySet[WaitingMessage]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        try:
            lay_aside(message_ids=ids, now=clock.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{len(ids)} laid aside", messages.SUCCESS)
