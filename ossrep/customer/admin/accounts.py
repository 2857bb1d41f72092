"""Accounts and their tax exemption certificates."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ossrep.customer.admin.base import HISTORY, WHY, Names, UseCaseAdmin, link_to, names_of
from ossrep.customer.admin.contracts import ContractInline
from ossrep.customer.models import Account, Contact, Contract, ExemptionCertificate
from ossrep.customer.usecases.change_details import change_account
from ossrep.customer.usecases.record_certificate import record_certificate
from ossrep.infra.record_admin import ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, PremisesId

_SAME_NAME = (
    "customer_class",
    "nickname",
    "bill_to_name",
    "mailing_line1",
    "mailing_line2",
    "mailing_city",
    "mailing_state",
    "mailing_zip",
    "delivery",
    "email",
    "language",
)


class CertificateInline(ReadOnlyInline):
    model = ExemptionCertificate
    fields = ["number", "exemption", "premises", "from_date", "to_date"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExemptionCertificate]:
        certificates: QuerySet[ExemptionCertificate] = super().get_queryset(request)
        return certificates.select_related("premises")


class AccountContactInline(ReadOnlyInline):
    model = Contact
    fields = ["role", "name", "email", "phone"]


class BelowInline(ReadOnlyInline):
    model = Account
    fk_name = "parent"
    verbose_name_plural = "accounts below"
    fields = ["number", "nickname", "mailing_city"]


class AccountList(ChangeList):
    """Learns the brands of a whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = names_of(request)
        names.learn(brand_ids={account.brand_id for account in self.result_list})
        for account in self.result_list:
            account.brand_name = names.brand(account.brand_id)


@admin.register(Account)
class AccountAdmin(UseCaseAdmin):
    menu_place = 2
    editable: ClassVar = {
        **{name: name for name in _SAME_NAME},
        "parent": "parent_account_number",
    }
    list_display = [
        "number",
        "customer_name",
        "nickname",
        "customer_class",
        "brand",
        "is_served",
        "mailing_city",
        "delivery",
        "invoices",
    ]
    list_filter = ["customer_class", "delivery", "language", "customer__type"]
    list_select_related = ["customer"]
    search_fields = [
        "=number",
        "nickname",
        "customer__first_name",
        "customer__last_name",
        "customer__business_name",
        "=customer__number",
        "mailing_line1",
        "email",
        "=contracts__premises__esi_id",
        "contracts__premises__service_line1",
    ]
    search_help_text = "number, name, street, e-mail, ESI ID"
    ordering = ["number"]
    autocomplete_fields = ["parent"]
    readonly_fields = ["number", "customer", "brand", "invoices", "balance", "usage", "history"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "number",
                    "customer",
                    "brand",
                    "customer_class",
                    "parent",
                    "nickname",
                    ("invoices", "balance"),
                    "usage",
                ]
            },
        ),
        (
            "Bills",
            {
                "fields": [
                    "bill_to_name",
                    ("mailing_line1", "mailing_line2"),
                    ("mailing_city", "mailing_state", "mailing_zip"),
                    ("delivery", "email", "language"),
                ]
            },
        ),
        WHY,
        HISTORY,
    ]
    inlines = [ContractInline, CertificateInline, AccountContactInline, BelowInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        accounts: QuerySet[Account] = super().get_queryset(request)
        active = Contract.objects.filter(account=OuterRef("pk"), status="active")
        return accounts.annotate(has_service=Exists(active))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AccountList

    @admin.display(description="customer", ordering="customer__last_name")
    def customer_name(self, account: Account) -> str:
        return account.customer.name

    @admin.display(description="brand", ordering="brand_id")
    def brand(self, account: Any) -> str:
        known: str | None = getattr(account, "brand_name", None)
        return known or Names().brand(account.brand_id)

    @admin.display(description="served", boolean=True, ordering="has_service")
    def is_served(self, account: Any) -> bool:
        return bool(account.has_service)

    @admin.display(description="invoices")
    def invoices(self, account: Account) -> SafeString | str:
        return link_to("billing_invoice", account.number, "invoices")

    @admin.display(description="balance")
    def balance(self, account: Account) -> SafeString | str:
        return link_to("billing_ledgeraccount", account.number, "balance and open items")

    @admin.display(description="usage")
    def usage(self, account: Account) -> SafeString | str:
        found = account.contracts.order_by("premises__number").distinct("premises__number")
        esi_ids = found.values_list("premises__esi_id", flat=True)
        links = ((link_to("meter_intervalday", esi_id, esi_id),) for esi_id in esi_ids)
        return format_html_join(" · ", "{}", links) or "-"

    def change_by_use_case(self, record: Account, changes: dict[str, str]) -> None:
        change_account(account_id=AccountId(record.pk), changes=changes, as_of=clock.market_today())


@admin.register(ExemptionCertificate)
class ExemptionCertificateAdmin(UseCaseAdmin):
    menu_place = 7
    editable: ClassVar = {name: name for name in ("exemption", "from_date", "to_date")}
    list_display = ["number", "account", "premises", "exemption", "from_date", "to_date"]
    list_filter = ["exemption"]
    list_select_related = ["account", "premises"]
    search_fields = [
        "=number",
        "=account__number",
        "account__customer__business_name",
        "=premises__esi_id",
        "premises__service_line1",
    ]
    readonly_fields = ["number", "account", "premises", "history"]
    fieldsets = [
        (
            None,
            {"fields": ["number", "account", "premises", "exemption", ("from_date", "to_date")]},
        ),
        WHY,
        HISTORY,
    ]

    def change_by_use_case(self, record: ExemptionCertificate, changes: dict[str, str]) -> None:
        premises_id = record.premises_id
        record_certificate(
            account_id=AccountId(record.account_id),
            premises_id=None if premises_id is None else PremisesId(premises_id),
            number=record.number,
            exemption=record.exemption,
            from_date=record.from_date,
            to_date=record.to_date,
            as_of=clock.market_today(),
        )
