"""Enrollments and move-outs: how far each has come in the market."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from ossrep.customer.admin.base import HISTORY, UseCaseAdmin, link_to
from ossrep.customer.models import Enrollment, MoveOut
from ossrep.customer.usecases.change_enrollment import cancel_enrollment
from ossrep.kernel.errors import DomainError

_SEARCH = [
    "=number",
    "=order_reference",
    "=contract__number",
    "=contract__account__number",
    "=contract__premises__esi_id",
    "contract__account__customer__last_name",
    "contract__account__customer__business_name",
]
_SEARCHED = "number, order reference, contract, account, ESI ID, name"


class _WishAdmin(UseCaseAdmin):
    """What the two lists share: whose wish it is, where, and what the market keeps of it."""

    list_select_related = ["contract__account__customer", "contract__premises"]
    search_fields = _SEARCH
    search_help_text = _SEARCHED
    ordering = ["-pk"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # They change by what customers ask and the market answers.
        return False

    def has_lead_permission(self, request: HttpRequest) -> bool:
        """Who may speak for a customer."""
        return bool(request.user.has_perm(f"customer.change_{self.opts.model_name}"))

    @admin.display(description="customer", ordering="contract__account__customer__last_name")
    def customer(self, wish: Any) -> str:
        return str(wish.contract.account.customer.name)

    @admin.display(description="account", ordering="contract__account__number")
    def account_link(self, wish: Any) -> SafeString | str:
        number = wish.contract.account.number
        return link_to("customer_account", number, number)

    @admin.display(description="contract", ordering="contract__number")
    def contract_link(self, wish: Any) -> SafeString | str:
        return link_to("customer_contract", wish.contract.number, wish.contract.number)

    @admin.display(description="ESI ID", ordering="contract__premises__esi_id")
    def esi_id(self, wish: Any) -> SafeString | str:
        esi_id = wish.contract.premises.esi_id
        return link_to("customer_premises", esi_id, esi_id)

    @admin.display(description="order in the market")
    def market_order(self, wish: Any) -> SafeString | str:
        return link_to("market_order", wish.order_reference, wish.order_reference)


@admin.register(Enrollment)
class EnrollmentAdmin(_WishAdmin):
    menu_place = 8
    list_display = [
        "number",
        "kind",
        "state",
        "customer",
        "account_link",
        "esi_id",
        "wanted_date",
        "scheduled_date",
        "start_date",
        "reason_codes",
        "market_order",
    ]
    list_filter = ["state", "kind", "is_priority", "contract__premises__tdsp_code"]
    date_hierarchy = "submitted_at"
    readonly_fields = ["history"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "number",
                    ("kind", "state", "is_cancel_requested"),
                    "customer",
                    ("account_link", "contract_link"),
                    "esi_id",
                    "market_order",
                ]
            },
        ),
        ("Wished", {"fields": ["wanted_date", "is_priority", "has_special_needs",
                               "wants_usage_history", "consented_date", "consent_channel",
                               "submitted_at"]}),
        ("Answered", {"fields": ["scheduled_date", "start_date", "reason_codes", "reason_text"]}),
        HISTORY,
    ]  # fmt: skip
    actions = ["ask_to_cancel"]

    @admin.action(description="Ask the market to cancel", permissions=["lead"])
    def ask_to_cancel(self, request: HttpRequest, queryset: QuerySet[Enrollment]) -> None:
        for enrollment in queryset:
            try:
                cancel_enrollment(number=enrollment.number, reason="operator")
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                told = f"the market is asked to cancel {enrollment.number}"
                self.message_user(request, told, messages.SUCCESS)


@admin.register(MoveOut)
class MoveOutAdmin(_WishAdmin):
    called = ("move-out", "move-outs")
    menu_place = 9
    list_display = [
        "number",
        "state",
        "customer",
        "account_link",
        "contract_link",
        "esi_id",
        "wanted_date",
        "scheduled_date",
        "end_date",
        "reason_codes",
        "market_order",
    ]
    list_filter = ["state", "contract__premises__tdsp_code"]
    date_hierarchy = "requested_at"
    readonly_fields = ["history"]
    fieldsets = [
        (None, {"fields": ["number", "state", "customer", ("account_link", "contract_link"),
                           "esi_id", "market_order"]}),
        ("Wished", {"fields": ["wanted_date", "requested_at"]}),
        ("Answered", {"fields": ["scheduled_date", "end_date", "reason_codes", "reason_text"]}),
        HISTORY,
    ]  # fmt: skip
