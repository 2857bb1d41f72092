"""Trading partners, channels and who we are: data that people mend, with history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ossrep.infra.record_admin import RecordAdmin
from ossrep.market.models import Channel, MarketIdentity, TradingPartner


@admin.register(TradingPartner)
class TradingPartnerAdmin(RecordAdmin):
    """Who sends and takes messages; what no source gave is empty and named under "lacks"."""

    menu_place = 20
    list_display = [
        *("code", "name", "channel", "isa_qualifier", "isa_id", "gs_id", "duns"),
        *("lacks_text", "test_only", "is_active", "confidence"),
    ]
    list_filter = ["channel", "confidence", "is_active", "test_only", "wants_customer_information"]
    list_select_related = ["channel"]
    search_fields = ["code", "name", "duns", "isa_id", "gs_id"]

    @admin.display(description="lacks")
    def lacks_text(self, partner: TradingPartner) -> str:
        return ", ".join(partner.lacks) or "-"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # The code is what messages, orders and files refer to.
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Channel)
class ChannelAdmin(RecordAdmin):
    """Ways for files. Settings name files and variables that hold secrets, never the secrets."""

    menu_place = 21
    list_display = ["code", "transport", "is_active"]
    list_filter = ["transport", "is_active"]
    search_fields = ["code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MarketIdentity)
class MarketIdentityAdmin(RecordAdmin):
    """Us, by our DUNS numbers."""

    menu_place = 22
    list_display = ["name", "duns", "isa_qualifier", "isa_id", "gs_id", "is_default", "brand_id"]
    search_fields = ["name", "duns", "isa_id", "gs_id"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
