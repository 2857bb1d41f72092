"""Premises and meters."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from ossrep.customer.admin.base import HISTORY, WHY, UseCaseAdmin, link_to
from ossrep.customer.admin.contracts import ContractInline
from ossrep.customer.models import Contract, Meter, Premises
from ossrep.customer.usecases.change_details import change_premises
from ossrep.infra.record_admin import ReadOnlyAdmin, ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.identifiers import PremisesId

_SAME_NAME = (
    "esi_id",
    "read_cycle",
    "rate_class",
    "service_line1",
    "service_line2",
    "service_city",
    "service_state",
    "service_zip",
    "county",
    "tax_place",
)


class MeterInline(ReadOnlyInline):
    model = Meter
    fields = ["number", "installed_date", "removed_date"]
    ordering = ["-installed_date"]
    show_change_link = False


class TenantInline(ContractInline):
    """Who had the premises, and when."""

    verbose_name_plural = "contracts"

    @admin.display(description="account")
    def other_side(self, contract: Contract) -> SafeString | str:
        account = contract.account
        text = f"{account.customer.name}, {account.number}"
        return link_to("customer_account", account.number, text)


@admin.register(Premises)
class PremisesAdmin(UseCaseAdmin):
    menu_place = 4
    editable: ClassVar = {**{name: name for name in _SAME_NAME}, "tdsp_code": "tdsp"}
    list_display = [
        "esi_id",
        "number",
        "service_line1",
        "service_line2",
        "service_city",
        "service_zip",
        "tdsp_code",
        "read_cycle",
        "rate_class",
        "tax_place",
        "tenant",
    ]
    list_filter = ["tdsp_code", "rate_class", "read_cycle", "tax_place"]
    search_fields = [
        "=esi_id",
        "=number",
        "service_line1",
        "service_city",
        "=service_zip",
        "=meters__number",
    ]
    search_help_text = "ESI ID, number, street, city, ZIP, meter number"
    ordering = ["number"]
    readonly_fields = ["number", "usage", "history"]
    fieldsets = [
        (None, {"fields": ["number", "esi_id", "usage"]}),
        ("Market", {"fields": ["tdsp_code", "read_cycle", "rate_class"]}),
        (
            "Place",
            {
                "fields": [
                    ("service_line1", "service_line2"),
                    ("service_city", "service_state", "service_zip"),
                    ("county", "tax_place"),
                ]
            },
        ),
        WHY,
        HISTORY,
    ]
    inlines = [MeterInline, TenantInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Premises]:
        premises: QuerySet[Premises] = super().get_queryset(request)
        active = Contract.objects.filter(premises=OuterRef("pk"), status="active")
        return premises.annotate(
            tenant_number=Subquery(active.order_by().values("account__number")[:1])
        )

    @admin.display(description="account now")
    def tenant(self, premises: Premises) -> SafeString | str:
        number = getattr(premises, "tenant_number", None)
        return link_to("customer_account", number, number) if number else "-"

    @admin.display(description="usage")
    def usage(self, premises: Premises) -> SafeString | str:
        return link_to("meter_intervalday", premises.esi_id, "interval days")

    def change_by_use_case(self, record: Premises, changes: dict[str, str]) -> None:
        change_premises(
            premises_id=PremisesId(record.pk), changes=changes, as_of=clock.market_today()
        )


@admin.register(Meter)
class MeterAdmin(ReadOnlyAdmin):
    menu_place = 5
    list_display = ["number", "premises", "installed_date", "removed_date"]
    list_select_related = ["premises"]
    search_fields = ["=number", "=premises__esi_id", "premises__service_line1"]
    show_full_result_count = False
