"""Invoices recomputed from the tariff, and claims."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.market.models import InvoiceAudit, TdspClaim


@admin.register(InvoiceAudit)
class InvoiceAuditAdmin(ReadOnlyAdmin):
    """What the recomputation of each invoice gave."""

    called = ("invoice audit", "invoice audits")
    menu_place = 11
    list_display = ["invoice", "verdict", "rate_class", "reason", "not_in_tariff", "audited_at"]
    list_filter = ["verdict", "rate_class", "audited_at"]
    list_select_related = ["invoice"]
    search_fields = ["=invoice__reference", "=invoice__esi_id"]
    search_help_text = "invoice number, ESI ID"


@admin.register(TdspClaim)
class TdspClaimAdmin(ReadOnlyAdmin):
    """What we claim back of the TDSPs."""

    called = ("claim on a TDSP", "claims on TDSPs")
    menu_place = 10
    list_display = ["invoice", "esi_id", "tdsp_code", "difference_usd", "state", "opened_at"]
    list_filter = ["state", "tdsp_code", "opened_at"]
    list_select_related = ["invoice"]
    search_fields = ["=esi_id", "=invoice__reference"]
    search_help_text = "ESI ID, invoice number"
    exclude = ["lines"]
    readonly_fields = ["differences"]
    waiting_query = "state__exact=open"

    def count_waiting(self) -> int:
        """Open ones."""
        return TdspClaim.objects.filter(state="open").count()

    @admin.display(description="differences")
    def differences(self, claim: TdspClaim) -> SafeString:
        rows = [(x["code"], x["billed_usd"], x["expected_usd"]) for x in claim.lines]
        head = format_html("<tr><th>code</th><th>billed</th><th>by the tariff</th></tr>")
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table>{}{}</table>", head, body)
