"""Payments, and the refused rows of payment and opening files."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.billing.models import Payment, RefusedKind, RefusedRow, SourceKind, Transfer
from ossrep.billing.usecases.import_openings import retry_openings
from ossrep.billing.usecases.import_payments import retry_payments
from ossrep.billing.usecases.refused_rows import discard_refused
from ossrep.infra import audit
from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.kernel.errors import DomainError


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    menu_place = 24
    list_display = ["received_date", "account", "amount_usd", "reference", "file", "posted_at"]
    list_filter = ["received_date"]
    search_fields = ["=account_number", "=reference", "file_name"]
    search_help_text = "account number, reference, file"
    ordering = ["-pk"]
    fields = [
        "account",
        "received_date",
        "amount_usd",
        "reference",
        "file",
        "posted_at",
        "transfer",
    ]
    readonly_fields = ["account", "file", "transfer"]
    show_full_result_count = False

    @admin.display(description="account", ordering="account_number")
    def account(self, payment: Payment) -> SafeString | str:
        try:
            url = reverse("admin:customer_account_changelist")
        except NoReverseMatch:
            return payment.account_number
        query = urlencode({"q": payment.account_number})
        return format_html('<a href="{}?{}">{}</a>', url, query, payment.account_number)

    @admin.display(description="file", ordering="file_name")
    def file(self, payment: Payment) -> str:
        return f"{payment.file_name}:{payment.line}" if payment.file_name else "-"

    @admin.display(description="ledger transfer")
    def transfer(self, payment: Payment) -> str:
        transfers = Transfer.objects.filter(
            source_kind=SourceKind.PAYMENT, source_id=payment.pk
        ).select_related("debit", "credit")
        return "; ".join(
            f"{t.amount_usd} from {t.debit} to {t.credit} on {t.effective_date}" for t in transfers
        )


class ReasonActionForm(ActionForm):
    """The actions' bar with a place to say why."""

    reason = forms.CharField(required=False, max_length=200, label="Reason")


@admin.register(RefusedRow)
class RefusedRowAdmin(ReadOnlyAdmin):
    called = ("row in quarantine", "rows in quarantine")
    menu_place = 3
    waiting_query = "?settled_at__isempty=1"
    list_display = ["kind", "place", "reason_code", "message", "refused_at", "state"]
    list_filter = ["kind", ("settled_at", admin.EmptyFieldListFilter), "reason_code"]
    search_fields = ["file_name", "message"]
    ordering = ["-pk"]
    fields = [
        "kind",
        "file_name",
        "line",
        "reason_code",
        "message",
        "as_it_came",
        "refused_at",
        "settled_at",
        "settlement",
    ]
    readonly_fields = ["as_it_came"]
    action_form = ReasonActionForm
    actions = ["retry", "discard"]
    show_full_result_count = False

    def count_waiting(self) -> int:
        """Rows that nobody has settled."""
        return RefusedRow.objects.filter(settled_at=None).count()

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may decide on refused rows."""
        return bool(request.user.has_perm("billing.change_refusedrow"))

    @admin.display(description="place", ordering="file_name")
    def place(self, row: RefusedRow) -> str:
        return f"{row.file_name}:{row.line}"

    @admin.display(description="state", ordering="settled_at")
    def state(self, row: RefusedRow) -> str:
        return row.settlement or "open"

    @admin.display(description="as it came")
    def as_it_came(self, row: RefusedRow) -> SafeString:
        text = json.dumps(row.content, indent=2, ensure_ascii=False)
        return format_html('<pre class="flush">{}</pre>', text)

    @admin.action(description="Try the selected rows again", permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[RefusedRow]) -> None:
        self._settle(request, queryset, _retry)

    @admin.action(description="Put the selected rows away (say why)", permissions=["settle"])
    def discard(self, request: HttpRequest, queryset: QuerySet[RefusedRow]) -> None:
        self._settle(request, queryset, _discard)

    def _settle(self, request: HttpRequest, queryset: QuerySet[RefusedRow], decide: Any) -> None:
        reason = request.POST.get("reason", "")
        chosen = list(queryset.values_list("pk", "kind"))
        try:
            with audit.history_context(reason=reason):
                told = decide(chosen, reason)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, told, messages.SUCCESS)


def _retry(chosen: list[tuple[int, str]], reason: str) -> str:
    posted = refused = 0
    for kind, retry in (
        (RefusedKind.PAYMENT, retry_payments),
        (RefusedKind.OPENING, retry_openings),
    ):
        ids = [row_id for row_id, row_kind in chosen if row_kind == kind]
        if ids:
            result = retry(row_ids=ids)
            posted += result.posted + result.known
            refused += result.refused
    return f"{posted} rows taken, {refused} refused again"


def _discard(chosen: list[tuple[int, str]], reason: str) -> str:
    count = discard_refused(row_ids=[row_id for row_id, _ in chosen], reason=reason)
    return f"{count} rows put away"
