"""Clients and sign-ins in the admin: read only, without secrets."""

from __future__ import annotations

from django.contrib import admin
from oidc_provider.models import Client, Code, RSAKey, Token

from ossrep.infra.oidc.models import Grant
from ossrep.infra.record_admin import ReadOnlyAdmin

# The library's own pages show secrets, and its tables of codes, tokens and keys are not used.
admin.site.unregister([Client, Code, RSAKey, Token])


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
