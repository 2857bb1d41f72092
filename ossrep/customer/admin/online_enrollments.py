"""Enrollments by the portal, and what was agreed to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from ossrep.customer.admin.base import UseCaseAdmin, link_to
from ossrep.customer.domain import online_enrollment
from ossrep.customer.models import EnrollmentConsent, OnlineEnrollment
from ossrep.infra.record_admin import ReadOnlyInline


class ConsentInline(ReadOnlyInline):
    model = EnrollmentConsent
    fields = ["kind", "plan_version_id", "signed_name", "address", "given_at"]
    show_change_link = False


@admin.register(OnlineEnrollment)
class OnlineEnrollmentAdmin(UseCaseAdmin):
    called = ("online enrollment", "online enrollments")
    menu_place = 8
    list_display = [
        "confirmation",
        "state",
        "waits_for",
        "account_link",
        "wishes",
        "started_at",
        "submitted_at",
    ]
    list_select_related = ["account"]
    list_filter = ["state"]
    date_hierarchy = "started_at"
    search_fields = ["=number", "=reference", "=account__number"]
    search_help_text = "confirmation number, reference, account"
    ordering = ["-pk"]
    inlines = [ConsentInline]
    fieldsets = [
        (None, {"fields": [("confirmation", "state", "waits_for"), "account_link", "wishes"]}),
        ("When", {"fields": [("started_at", "submitted_at", "expires_at")]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The person's own answers.
        return False

    @admin.display(description="confirmation", ordering="number")
    def confirmation(self, one: OnlineEnrollment) -> str:
        return str(one)

    @admin.display(description="waits for")
    def waits_for(self, one: OnlineEnrollment) -> str:
        if one.state != online_enrollment.OPEN:
            return ""
        return online_enrollment.next_step(one.answers)

    @admin.display(description="account", ordering="account__number")
    def account_link(self, one: OnlineEnrollment) -> SafeString | str:
        if one.account is None:
            return ""
        return link_to("customer_account", one.account.number, one.account.number)

    @admin.display(description="enrollments")
    def wishes(self, one: OnlineEnrollment) -> str:
        return ", ".join(one.enrollment_numbers)
