"""Contracts and their life."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from ossrep.customer.admin.base import HISTORY, Names, UseCaseAdmin, link_to, names_of
from ossrep.customer.models import Contract, ContractStatusChange
from ossrep.customer.usecases.activate_contract import activate_contract
from ossrep.customer.usecases.cancel_contract import cancel_contract
from ossrep.infra.record_admin import ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import ContractId


class ContractInline(ReadOnlyInline):
    """Contracts on the page of an account or a premises, the newest first."""

    model = Contract
    fields = ["number", "status", "other_side", "plan", "start_date", "end_date", "usage"]
    readonly_fields = ["other_side", "plan", "usage"]
    ordering = ["-start_date"]
    names = Names()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        contracts: QuerySet[Contract] = super().get_queryset(request)
        self.names = names_of(request)
        return contracts.select_related("account__customer", "premises")

    @admin.display(description="plan")
    def plan(self, contract: Contract) -> str:
        return self.names.plan(contract.plan_version_id)

    @admin.display(description="usage")
    def usage(self, contract: Contract) -> SafeString | str:
        return link_to("meter_intervalday", contract.premises.esi_id, contract.premises.esi_id)

    @admin.display(description="premises")
    def other_side(self, contract: Contract) -> str:
        return contract.premises.address


class StatusChangeInline(ReadOnlyInline):
    model = ContractStatusChange
    verbose_name_plural = "life"
    fields = ["status", "effective_date", "reason", "recorded_at"]
    ordering = ["pk"]
    show_change_link = False


class ContractList(ChangeList):
    """Learns the plans of a whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = names_of(request)
        names.learn(plan_ids={contract.plan_version_id for contract in self.result_list})
        for contract in self.result_list:
            contract.plan_name = names.plan(contract.plan_version_id)


@admin.register(Contract)
class ContractAdmin(UseCaseAdmin):
    menu_place = 3
    list_display = [
        "number",
        "status",
        "customer",
        "account_link",
        "esi_id",
        "address",
        "plan",
        "start_date",
        "end_date",
        "term_end_date",
    ]
    list_filter = ["status", "end_reason", "premises__tdsp_code", "premises__read_cycle"]
    list_select_related = ["account__customer", "premises"]
    date_hierarchy = "start_date"
    search_fields = [
        "=number",
        "=account__number",
        "=premises__esi_id",
        "premises__service_line1",
        "account__customer__last_name",
        "account__customer__business_name",
    ]
    search_help_text = "number, account number, ESI ID, service street, name"
    ordering = ["-pk"]
    readonly_fields = ["history"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "number",
                    "status",
                    "customer",
                    "account_link",
                    "esi_id",
                    "address",
                    "plan",
                    ("usage", "invoices"),
                ]
            },
        ),
        (
            "Dates",
            {"fields": ["signed_date", "start_date", "end_date", "end_reason", "term_end_date"]},
        ),
        HISTORY,
    ]
    inlines = [StatusChangeInline]
    actions = ["activate", "cancel"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Contracts change by their life's steps only.
        return False

    def has_lead_permission(self, request: HttpRequest) -> bool:
        """Who may take contracts through their life."""
        return bool(request.user.has_perm("customer.change_contract"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ContractList

    @admin.display(description="customer", ordering="account__customer__last_name")
    def customer(self, contract: Contract) -> str:
        return contract.account.customer.name

    @admin.display(description="account", ordering="account__number")
    def account_link(self, contract: Contract) -> SafeString | str:
        return link_to("customer_account", contract.account.number, contract.account.number)

    @admin.display(description="ESI ID", ordering="premises__esi_id")
    def esi_id(self, contract: Contract) -> SafeString | str:
        return link_to("customer_premises", contract.premises.esi_id, contract.premises.esi_id)

    @admin.display(description="usage")
    def usage(self, contract: Contract) -> SafeString | str:
        return link_to("meter_intervalday", contract.premises.esi_id, "interval days")

    @admin.display(description="invoices")
    def invoices(self, contract: Contract) -> SafeString | str:
        return link_to("billing_invoice", contract.account.number, "invoices of the account")

    @admin.display(description="address", ordering="premises__service_line1")
    def address(self, contract: Contract) -> str:
        return f"{contract.premises.service_line1}, {contract.premises.service_city}"

    @admin.display(description="plan", ordering="plan_version_id")
    def plan(self, contract: Any) -> str:
        known: str | None = getattr(contract, "plan_name", None)
        return known or Names().plan(contract.plan_version_id)

    @admin.action(description="Begin service on the date wanted", permissions=["lead"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Contract]) -> None:
        for contract in queryset:
            self._do(request, contract, "is active", activate_contract)

    @admin.action(description="Give up pending contracts", permissions=["lead"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Contract]) -> None:
        today = clock.market_today()
        for contract in queryset:
            self._do(
                request,
                contract,
                "is cancelled",
                lambda contract_id: cancel_contract(
                    contract_id=contract_id, reason="operator", as_of=today
                ),
            )

    def _do(self, request: HttpRequest, contract: Contract, told: str, act: Any) -> None:
        try:
            act(contract_id=ContractId(contract.pk))
        except DomainError as refusal:
            self.message_user(request, f"contract {contract.number}: {refusal}", messages.ERROR)
        else:
            self.message_user(request, f"contract {contract.number} {told}", messages.SUCCESS)
