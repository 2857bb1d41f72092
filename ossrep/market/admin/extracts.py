"""ERCOT's ESI ID extracts as they were taken, territories and numbers of the TDSPs."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from ossrep.infra.record_admin import ReadOnlyAdmin, RecordAdmin
from ossrep.market.models import EsiIdExtract, ExtractDocument, ExtractState, TdspAlias, TdspDuns


@admin.register(EsiIdExtract)
class EsiIdExtractAdmin(ReadOnlyAdmin):
    """One row a file; its refused rows are with those of other files."""

    called = ("ESI ID extract", "ESI ID extracts")
    menu_place = 4
    waiting_query = "state__exact=broken"
    list_display = [
        "file_name",
        "tdsp_code",
        "kind",
        "effective_at",
        "state",
        "lines_done",
        "added",
        "changed",
        "same",
        "refused",
        "finished_at",
    ]
    list_filter = ["state", "kind", "tdsp_code", "report_date"]
    search_fields = ["file_name", "=document_id"]

    def count_waiting(self) -> int:
        """Files that ended too early."""
        return EsiIdExtract.objects.filter(state=ExtractState.BROKEN).count()


@admin.register(ExtractDocument)
class ExtractDocumentAdmin(ReadOnlyAdmin):
    called = ("document of ERCOT's list", "documents of ERCOT's list")
    menu_place = 12
    list_display = ["file_name", "document_id", "published_at", "fetched_at", "imported_at"]
    list_filter = ["published_at"]
    search_fields = ["file_name", "=document_id"]


@admin.register(TdspAlias)
class TdspAliasAdmin(RecordAdmin):
    """A new territory of the extract is entered here, then its file is imported again."""

    called = ("TDSP alias", "TDSP aliases")
    menu_place = 13
    list_display = ["territory", "tdsp", "source"]
    list_filter = ["tdsp"]
    list_select_related = ["tdsp"]
    search_fields = ["territory", "tdsp__code"]


@admin.register(TdspDuns)
class TdspDunsAdmin(RecordAdmin):
    """All numbers that a TDSP has or had."""

    called = ("DUNS number of a TDSP", "DUNS numbers of TDSPs")
    menu_place = 14
    list_display = ["duns", "tdsp", "first_date", "last_date", "source"]
    list_filter = ["tdsp"]
    list_select_related = ["tdsp"]
    search_fields = ["duns", "tdsp__code"]

    def has_delete_permission(self, request: HttpRequest, obj: TdspDuns | None = None) -> bool:
        return False
