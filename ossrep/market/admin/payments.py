"""Payments to the wires companies."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.models import PaymentState, TdspPayment, TdspPaymentLine
from ossrep.market.usecases.matching.paying import approve_payment, withdraw_payment


class LineInline(ReadOnlyInline):
    model = TdspPaymentLine
    fields = ["invoice", "invoice_amount_usd", "amount_usd", "short_reason"]
    readonly_fields = ["invoice", "invoice_amount_usd", "amount_usd", "short_reason"]
    verbose_name_plural = "invoices"


@admin.register(TdspPayment)
class TdspPaymentAdmin(ReadOnlyAdmin):
    """Prepared by one person, above a limit approved by another."""

    called = ("payment to a TDSP", "payments to TDSPs")
    menu_place = 9
    list_display = [
        *("reference", "tdsp_code", "payment_date", "total_usd", "state", "needs_approval"),
        *("prepared_by", "approved_by", "message"),
    ]
    list_filter = ["state", "tdsp_code", "needs_approval", "payment_date"]
    search_fields = ["=reference", "=lines__invoice__reference", "=lines__invoice__esi_id"]
    search_help_text = "number (trace), invoice, ESI ID"
    waiting_query = "state__exact=prepared"
    inlines = [LineInline]
    actions = ["approve", "withdraw"]

    def count_waiting(self) -> int:
        """Those that wait for a second person."""
        return TdspPayment.objects.filter(state=PaymentState.PREPARED).count()

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Who may approve, or send back."""
        return bool(request.user.has_perm("market.change_tdsppayment"))

    @admin.display(description="820_02")
    def message(self, row: TdspPayment) -> SafeString | str:
        if row.outbound_message_id is None:
            return "-"
        return format_html(
            '<a href="/admin/market/outboundmessage/{}/change/">message</a>',
            row.outbound_message_id,
        )

    @admin.action(description="Approve as the second person", permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[TdspPayment]) -> None:
        name = str(request.user.get_username())
        for reference in queryset.values_list("reference", flat=True):
            try:
                approve_payment(reference=reference, approved_by=name, now=clock.now())
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, f"{reference} approved", messages.SUCCESS)

    @admin.action(description="Withdraw: its invoices are open again", permissions=["approve"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[TdspPayment]) -> None:
        name = str(request.user.get_username())
        for reference in queryset.values_list("reference", flat=True):
            try:
                withdraw_payment(
                    reference=reference, by=name, reason="withdrawn in the admin", now=clock.now()
                )
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, f"{reference} withdrawn", messages.SUCCESS)
