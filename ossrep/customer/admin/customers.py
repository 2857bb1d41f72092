"""Customers and their contacts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from ossrep.customer.admin.base import HISTORY, WHY, UseCaseAdmin
from ossrep.customer.models import Account, Contact, Customer, Login
from ossrep.customer.usecases.change_details import change_customer
from ossrep.customer.usecases.set_contact import set_contact
from ossrep.infra.record_admin import ReadOnlyInline
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, CustomerId


class AccountInline(ReadOnlyInline):
    model = Account
    fk_name = "customer"
    verbose_name_plural = "accounts"
    fields = ["number", "nickname", "customer_class", "parent", "delivery", "mailing_city"]
    ordering = ["number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        accounts: QuerySet[Account] = super().get_queryset(request)
        return accounts.select_related("parent")


class ContactInline(ReadOnlyInline):
    model = Contact
    fk_name = "customer"
    fields = ["role", "name", "email", "phone", "account"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        contacts: QuerySet[Contact] = super().get_queryset(request)
        return contacts.select_related("account")


class LoginInline(ReadOnlyInline):
    model = Login
    fk_name = "customer"
    verbose_name_plural = "logins"
    fields = ["email", "rights", "has_all_accounts", "created_at", "closed_at"]
    ordering = ["closed_at", "pk"]


def _number_of_accounts() -> Coalesce:
    counted = (
        Account.objects.filter(customer=OuterRef("pk"))
        .order_by()
        .values("customer")
        .annotate(count=Count("pk"))
    )
    return Coalesce(Subquery(counted.values("count"), output_field=IntegerField()), 0)


@admin.register(Customer)
class CustomerAdmin(UseCaseAdmin):
    menu_place = 1
    editable: ClassVar = {
        name: name for name in ("type", "first_name", "last_name", "business_name")
    }
    list_display = ["number", "name", "type", "accounts_there"]
    list_filter = ["type"]
    search_fields = [
        "=number",
        "first_name",
        "last_name",
        "business_name",
        "contacts__email",
        "contacts__phone",
        "accounts__number",
        "accounts__mailing_line1",
    ]
    search_help_text = "number, name, e-mail, phone, account number, mailing street"
    ordering = ["number"]
    readonly_fields = ["number", "history"]
    fieldsets = [
        (None, {"fields": ["number", "type", "first_name", "last_name", "business_name"]}),
        WHY,
        HISTORY,
    ]
    inlines = [AccountInline, ContactInline, LoginInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers: QuerySet[Customer] = super().get_queryset(request)
        return customers.annotate(accounts_count=_number_of_accounts())

    @admin.display(description="accounts", ordering="accounts_count")
    def accounts_there(self, customer: Any) -> int:
        return int(customer.accounts_count)

    def change_by_use_case(self, record: Customer, changes: dict[str, str]) -> None:
        change_customer(
            customer_id=CustomerId(record.pk), changes=changes, as_of=clock.market_today()
        )


@admin.register(Contact)
class ContactAdmin(UseCaseAdmin):
    menu_place = 6
    editable: ClassVar = {name: name for name in ("role", "name", "email", "phone", "account")}
    list_display = ["name", "role", "email", "phone", "customer", "account"]
    list_filter = ["role"]
    list_select_related = ["customer", "account"]
    search_fields = [
        "name",
        "email",
        "phone",
        "=number",
        "=customer__number",
        "customer__last_name",
        "customer__business_name",
        "=account__number",
    ]
    autocomplete_fields = ["account"]
    readonly_fields = ["number", "customer", "history"]
    fieldsets = [
        (None, {"fields": ["number", "customer", "account", "role", "name", "email", "phone"]}),
        WHY,
        HISTORY,
    ]

    def change_by_use_case(self, record: Contact, changes: dict[str, str]) -> None:
        account_id = record.account_id
        set_contact(
            customer_id=CustomerId(record.customer_id),
            account_id=None if account_id is None else AccountId(account_id),
            role=record.role,
            name=record.name,
            email=record.email,
            phone=record.phone,
            number=record.number,
            as_of=clock.market_today(),
        )
