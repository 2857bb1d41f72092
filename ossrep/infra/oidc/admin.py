"""Clients, sign-ins and accounts in the admin, without secrets; access can be ended here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from oidc_provider.models import Client, Code, RSAKey, Token

from ossrep.infra.oidc.ending import end_access
from ossrep.infra.oidc.models import Grant
from ossrep.infra.record_admin import ReadOnlyAdmin

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin

# The library's own pages show secrets, and its tables of codes, tokens and keys are not used.
admin.site.unregister([Client, Code, RSAKey, Token])
admin.site.unregister(User)
_OUT = "Out everywhere: ends all that they are signed in to, within seconds"


def _end(page: admin.ModelAdmin[Any], request: HttpRequest, users: Iterable[User]) -> None:
    for user in users:
        ended = end_access(user, by=f"ended by {request.user}")
        told = f"{user}: {ended.sign_ins} sign-ins and {ended.browsers} browser sessions ended"
        page.message_user(request, told, messages.SUCCESS)


@admin.register(User)
class AccountAdmin(_UserAdmin):
    """People who sign in here."""

    actions = ["end_access"]

    @admin.action(description=_OUT, permissions=["change"])
    def end_access(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """The accounts stay, and can sign in again."""
        _end(self, request, queryset)


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    """Registered by ``manage.py oidc_client``."""

    called = ("client", "clients")
    menu_place = 10
    list_display = ["client_id", "name", "client_type", "_scope", "require_consent"]
    search_fields = ["client_id", "name"]
    exclude = ["client_secret", "owner", "logo", "jwt_alg"]


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """Who is signed in where, until when."""

    called = ("sign-in", "sign-ins")
    menu_place = 20
    list_display = ["user", "client", "started_at", "expires_at", "ended_at", "ended_by"]
    list_select_related = ["user", "client"]
    search_fields = ["user__username", "client__client_id"]
    list_filter = ["client", "ended_by"]
    exclude = ["sid", "browser", "nonce"]
    actions = ["end_access"]

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Who may change accounts."""
        return bool(request.user.has_perm("auth.change_user"))

    @admin.action(description=_OUT, permissions=["end"])
    def end_access(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        """Of those who have the chosen sign-ins; the accounts stay."""
        _end(self, request, User.objects.filter(pk__in=queryset.values("user")))
