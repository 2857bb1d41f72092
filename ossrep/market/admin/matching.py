"""Usage and invoices of the wires companies, and what of them counts."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.market.models import (
    InvoiceDocument,
    MatchedPeriod,
    StandaloneCharges,
    UnmappedCharge,
    UsageDocument,
)

_SET = '<a href="/admin/market/inboundset/{}/change/">message</a>'
_PERIODS = '<a href="/admin/market/matchedperiod/?q={}">periods</a>'
_WORK = '<a href="/admin/market/workitem/?q={}&amp;state=all">work items</a>'


@admin.register(UsageDocument)
class UsageDocumentAdmin(ReadOnlyAdmin):
    """Monthly usage as it came."""

    called = ("monthly usage (867_03)", "monthly usages (867_03)")
    menu_place = 7
    list_display = [
        *("reference", "esi_id", "purpose", "start_date", "end_date", "import_kwh", "export_kwh"),
        *("peak_kw", "is_estimated", "is_final", "refusal", "received_at"),
    ]
    list_filter = ["tdsp_code", "purpose", "is_estimated", "is_final", "refusal", "received_at"]
    search_fields = ["=esi_id", "=reference", "=original_reference"]
    search_help_text = "ESI ID, number (BPT02)"
    readonly_fields = ["links"]

    @admin.display(description="links")
    def links(self, row: UsageDocument) -> SafeString:
        return format_html(
            f"{_SET} · {_PERIODS} · {_WORK}", row.inbound_set_id, row.esi_id, row.esi_id
        )


@admin.register(InvoiceDocument)
class InvoiceDocumentAdmin(ReadOnlyAdmin):
    """Invoices of the TDSPs as they came."""

    called = ("TDSP invoice (810_02)", "TDSP invoices (810_02)")
    menu_place = 8
    list_display = [
        *("reference", "esi_id", "tdsp_code", "purpose", "type", "start_date", "end_date"),
        *("total_usd", "due_date", "is_standalone", "refusal", "received_at"),
    ]
    list_filter = ["tdsp_code", "purpose", "type", "is_standalone", "refusal", "due_date"]
    search_fields = ["=esi_id", "=reference", "=original_reference", "=usage_reference"]
    search_help_text = "ESI ID, invoice number (BIG02), number of the usage (BIG05)"
    exclude = ["lines"]
    readonly_fields = ["charges", "links"]

    @admin.display(description="charges")
    def charges(self, row: InvoiceDocument) -> SafeString:
        names = ("code", "label", "quantity", "unit", "rate", "amount_usd", "level")
        rows = [[line[name] for name in names] for line in row.lines]
        cells = "<td>{}</td>" * 7
        return format_html("<table>{}</table>", format_html_join("", f"<tr>{cells}</tr>", rows))

    @admin.display(description="links")
    def links(self, row: InvoiceDocument) -> SafeString:
        return format_html(
            f"{_SET} · {_PERIODS} · {_WORK}", row.inbound_set_id, row.esi_id, row.esi_id
        )


@admin.register(UnmappedCharge)
class UnmappedChargeAdmin(ReadOnlyAdmin):
    """Charges whose code no list knew when they came."""

    called = ("unmapped charge", "unmapped charges")
    menu_place = 12
    list_display = ["code", "tdsp_code", "amount_usd", "invoice"]
    list_filter = ["tdsp_code", "code"]
    list_select_related = ["invoice"]
    search_fields = ["=code", "=invoice__reference", "=invoice__esi_id"]
    search_help_text = "code, invoice number, ESI ID"


@admin.register(StandaloneCharges)
class StandaloneChargesAdmin(ReadOnlyAdmin):
    """Charges of no month, and the period with which billing gets them."""

    called = ("standalone charges", "standalone charges")
    menu_place = 13
    list_display = ["invoice", "esi_id", "tdsp_code", "period", "assigned_at", "negates"]
    list_filter = ["tdsp_code", "assigned_at"]
    list_select_related = ["invoice", "period", "negates"]
    search_fields = ["=esi_id", "=invoice__reference"]
    search_help_text = "ESI ID, invoice number"


@admin.register(MatchedPeriod)
class MatchedPeriodAdmin(ReadOnlyAdmin):
    """Service periods: which usage and which invoice count."""

    called = ("service period", "service periods")
    menu_place = 6
    list_display = [
        *("esi_id", "tdsp_code", "start_date", "end_date", "state", "usage_number"),
        *("invoice_number", "total_usd", "reason", "changed_at"),
    ]
    list_filter = ["state", "tdsp_code", "start_date"]
    search_fields = ["=esi_id", "=usage__reference", "=invoice__reference"]
    search_help_text = "ESI ID, number of the usage or of the invoice"
    waiting_query = "state=held"

    def count_waiting(self) -> int:
        """Those whose documents contradict each other."""
        return MatchedPeriod.objects.filter(state="held").count()

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatchedPeriod]:
        return super().get_queryset(request).select_related("usage", "invoice")

    @admin.display(description="usage", ordering="usage__reference")
    def usage_number(self, row: MatchedPeriod) -> SafeString | str:
        return _link("usagedocument", row.usage)

    @admin.display(description="invoice", ordering="invoice__reference")
    def invoice_number(self, row: MatchedPeriod) -> SafeString | str:
        return _link("invoicedocument", row.invoice)

    @admin.display(description="total (USD)", ordering="invoice__total_usd")
    def total_usd(self, row: MatchedPeriod) -> str:
        return "-" if row.invoice is None else f"{row.invoice.total_usd:,.2f}"


def _link(page: str, row: UsageDocument | InvoiceDocument | None) -> SafeString | str:
    if row is None:
        return "-"
    return format_html('<a href="/admin/market/{}/{}/change/">{}</a>', page, row.pk, row.reference)
