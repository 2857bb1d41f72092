"""What accounts brought along from the system they were billed in before."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from ossrep.billing.admin.base import BillingAdmin, account_link, kwh, usd
from ossrep.billing.admin.ledger import paper
from ossrep.billing.models import OpeningAccount, OpeningSite, OpeningUsage
from ossrep.infra.record_admin import ReadOnlyInline


class OpeningSiteInline(ReadOnlyInline):
    model = OpeningSite
    verbose_name_plural = "service points"
    fields = ["esi_id", "billed_through", "bank_usd"]
    show_change_link = False


@admin.register(OpeningAccount)
class OpeningAccountAdmin(BillingAdmin):
    called = ("opening", "openings from an old system")
    menu_place = 40
    list_display = ["account", "as_of", "balance_shown_usd", "created_at"]
    date_hierarchy = "as_of"
    search_fields = ["=account_number", "=sites__esi_id"]
    search_help_text = "account number, ESI ID"
    ordering = ["-pk"]
    fields = ["account", "as_of", "balance_shown_usd", "created_at", "usage"]
    inlines = [OpeningSiteInline]

    @admin.display(description="account", ordering="account_number")
    def account(self, opening: OpeningAccount) -> SafeString:
        return account_link(opening.account_number)

    @admin.display(description="balance", ordering="balance_usd")
    def balance_shown_usd(self, opening: OpeningAccount) -> str:
        return usd(opening.balance_usd)

    @admin.display(description="periods billed before")
    def usage(self, opening: OpeningAccount) -> SafeString:
        periods = OpeningUsage.objects.filter(account_id=opening.account_id).order_by(
            "esi_id", "period_start"
        )
        rows = [
            (
                period.esi_id,
                period.period_start,
                period.period_end,
                "" if period.peak_w is None else f"{period.peak_w / 1000:,.1f}",
                kwh(period.import_wh),
            )
            for period in periods
        ]
        return paper("Usage", ("ESI ID", "from", "to (not included)", "peak kW", "kWh"), rows)
