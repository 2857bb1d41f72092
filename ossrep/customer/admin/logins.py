"""Who signs in for a customer: logins, invitations, and claims that wait."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from ossrep.customer.admin.base import HISTORY, UseCaseAdmin, link_to
from ossrep.customer.models import Login, LoginClaim, LoginInvitation
from ossrep.customer.usecases.login_grants import EVERYTHING, Grant
from ossrep.customer.usecases.manage_logins import decide_claim, remove_login
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import CustomerId, LoginId

_SEARCH = ["=email", "=customer__number", "customer__last_name", "customer__business_name"]
_SEARCHED = "e-mail, customer number, name"


class _LoginRecordAdmin(UseCaseAdmin):
    """Shown, and changed by actions only."""

    list_select_related = ["customer"]
    search_fields = _SEARCH
    search_help_text = _SEARCHED
    ordering = ["-pk"]
    readonly_fields = ["history"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_lead_permission(self, request: HttpRequest) -> bool:
        """Who may speak for a customer."""
        return bool(request.user.has_perm(f"customer.change_{self.opts.model_name}"))

    @admin.display(description="customer", ordering="customer__number")
    def customer_link(self, record: Any) -> SafeString | str:
        customer = record.customer
        return link_to("customer_customer", customer.number, f"{customer.name}")

    @admin.display(description="rights")
    def rights_there(self, record: Any) -> str:
        return ", ".join(record.rights)


@admin.register(Login)
class LoginAdmin(_LoginRecordAdmin):
    menu_place = 12
    list_display = [
        "email",
        "customer_link",
        "rights_there",
        "accounts_there",
        "created_at",
        "closed_at",
        "subject",
        "issuer",
    ]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "issuer"]
    search_fields = [*_SEARCH, "=subject"]
    fieldsets = [
        (None, {"fields": ["email", "customer", "rights", "has_all_accounts"]}),
        ("At the provider", {"fields": ["issuer", "subject"]}),
        ("Since", {"fields": ["created_at", "closed_at"]}),
        HISTORY,
    ]
    actions = ["close"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Login]:
        logins: QuerySet[Login] = super().get_queryset(request)
        return logins.prefetch_related("held_to__account")

    @admin.display(description="accounts")
    def accounts_there(self, login: Login) -> str:
        if login.has_all_accounts:
            return "all"
        return ", ".join(sorted(held.account.number for held in login.held_to.all())) or "none"

    @admin.action(description="Close: its tokens end within seconds", permissions=["lead"])
    def close(self, request: HttpRequest, queryset: QuerySet[Login]) -> None:
        for login in queryset:
            try:
                remove_login(
                    customer_id=CustomerId(login.customer_id),
                    by=None,
                    login_id=LoginId(login.pk),
                    as_of=clock.now(),
                )
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, f"{login} is closed", messages.SUCCESS)


@admin.register(LoginClaim)
class LoginClaimAdmin(_LoginRecordAdmin):
    called = ("claim of an account", "claims of accounts")
    menu_place = 13
    waiting_query = "?state__exact=pending"
    list_display = ["email", "state", "customer_link", "account", "created_at", "decided_at"]
    list_select_related = ["customer", "account"]
    list_filter = ["state"]
    search_fields = [*_SEARCH, "=account__number"]
    actions = ["accept", "refuse"]

    def count_waiting(self) -> int:
        return LoginClaim.objects.filter(state="pending").count()

    @admin.action(description="Accept with all rights", permissions=["lead"])
    def accept(self, request: HttpRequest, queryset: QuerySet[LoginClaim]) -> None:
        self._decide(request, queryset, EVERYTHING)

    @admin.action(description="Refuse", permissions=["lead"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[LoginClaim]) -> None:
        self._decide(request, queryset, None)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[LoginClaim], grant: Grant | None
    ) -> None:
        for claim in queryset:
            try:
                decide_claim(
                    customer_id=None, by=None, claim_id=claim.pk, grant=grant, as_of=clock.now()
                )
            except DomainError as refusal:
                self.message_user(request, f"{claim}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, f"{claim}: done", messages.SUCCESS)


@admin.register(LoginInvitation)
class LoginInvitationAdmin(_LoginRecordAdmin):
    called = ("invitation", "invitations")
    menu_place = 14
    list_display = [
        "email",
        "customer_link",
        "rights_there",
        "created_at",
        "expires_at",
        "withdrawn_at",
        "login",
    ]
    list_select_related = ["customer", "login"]
    exclude = ["secret_hash"]
