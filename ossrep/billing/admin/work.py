"""What people decide: bills that were stopped, holds on accounts, the limits that stop bills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.billing.admin.asking import ReasonForm, ask
from ossrep.billing.admin.base import BillingAdmin, account_link, days_text, tell, usd
from ossrep.billing.admin.invoices import RunFilter
from ossrep.billing.models import AccountHold, GuardThreshold, WorkItem, WorkItemStatus
from ossrep.billing.usecases.decide_work_items import dismiss_work_items, release_work_items
from ossrep.billing.usecases.hold_accounts import hold_accounts, lift_holds
from ossrep.infra.admin_links import link_to
from ossrep.infra.record_admin import RecordAdmin
from ossrep.kernel.errors import DomainError


class StatusFilter(admin.SimpleListFilter):
    """Open ones, unless another status is chosen."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(s.value, s.value) for s in WorkItemStatus if s is not WorkItemStatus.OPEN]
        return [*others, ("all", "all")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "open"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() or WorkItemStatus.OPEN)


@admin.register(WorkItem)
class WorkItemAdmin(BillingAdmin):
    called = ("bill that waits", "bills that wait")
    menu_place = 1
    list_display = [
        "reason",
        "account",
        "period",
        "risk_usd",
        "is_releasable",
        "message",
        "meter",
    ]
    list_filter = [StatusFilter, "reason_code", RunFilter]
    search_fields = ["=account_number", "=esi_id", "message"]
    search_help_text = "account number, ESI ID, message"
    ordering = [F("money_at_risk_usd").desc(nulls_last=True), "-pk"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "reason",
                    "message",
                    "account",
                    "meter",
                    "period",
                    "risk_usd",
                    "is_releasable",
                    "run_link",
                ]
            },
        ),
        ("Decision", {"fields": ["status", "note", ("decided_by", "decided_at")]}),
        ("Details", {"fields": ["details_told"]}),
    ]
    actions = ["release", "dismiss", "hold", "bill_now"]

    def count_waiting(self) -> int:
        """Open ones."""
        return WorkItem.objects.filter(status=WorkItemStatus.OPEN).count()

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may decide on bills that were stopped."""
        return self.may(request, "change_workitem")

    def has_hold_permission(self, request: HttpRequest) -> bool:
        """Who may hold accounts."""
        return self.may(request, "add_accounthold")

    def has_bill_permission(self, request: HttpRequest) -> bool:
        """Who may bill."""
        return self.may(request, "add_billrun")

    @admin.display(description="reason", ordering="reason_code")
    def reason(self, item: WorkItem) -> str:
        return item.reason_code.replace("_", " ")

    @admin.display(description="account", ordering="account_number")
    def account(self, item: WorkItem) -> SafeString | str:
        return account_link(item.account_number) if item.account_number else str(item.account_id)

    @admin.display(description="ESI ID", ordering="esi_id")
    def meter(self, item: WorkItem) -> SafeString | str:
        if not item.esi_id:
            return "-"
        days = {"date__gte": item.period_start, "date__lt": item.period_end}
        return link_to("meter_intervalday", item.esi_id, item.esi_id, **days)

    @admin.display(description="period", ordering="period_start")
    def period(self, item: WorkItem) -> str:
        return days_text(item.period_start, item.period_end)

    @admin.display(description="at risk", ordering="money_at_risk_usd")
    def risk_usd(self, item: WorkItem) -> str:
        return usd(item.money_at_risk_usd)

    @admin.display(description="releasable", boolean=True)
    def is_releasable(self, item: WorkItem) -> bool:
        return bool(item.details.get("releasable"))

    @admin.display(description="bill run")
    def run_link(self, item: WorkItem) -> SafeString | str:
        if item.run_id is None:
            return "-"
        return link_to("billing_billrun", "", f"run {item.run_id}", id=item.run_id)

    @admin.display(description="details")
    def details_told(self, item: WorkItem) -> SafeString | str:
        lines = [f"{name.replace('_', ' ')}: {value}" for name, value in item.details.items()]
        return format_html("<pre>{}</pre>", "\n".join(lines)) if lines else "-"

    @admin.action(description="Release: bill as it is…", permissions=["decide"])
    def release(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> HttpResponse | None:
        return self._decide(
            request,
            queryset,
            title="Release bills",
            note="The next run bills them past the guard that stopped them, for these days only.",
            act=lambda ids, why, who: (
                f"{release_work_items(item_ids=ids, note=why, decided_by=who)} bills are "
                "released; the next run bills them."
            ),
        )

    @admin.action(description="Dismiss: no bill…", permissions=["decide"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> HttpResponse | None:
        return self._decide(
            request,
            queryset,
            title="Dismiss work items",
            note="They are closed without a bill; a run that meets the same opens new ones.",
            act=lambda ids, why, who: (
                f"{dismiss_work_items(item_ids=ids, note=why, decided_by=who)} are dismissed."
            ),
        )

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[WorkItem],
        *,
        title: str,
        note: str,
        act: Callable[[list[int], str, str], str],
    ) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True))
        who = request.user.get_username()
        return ask(
            self,
            request,
            queryset,
            form_class=ReasonForm,
            title=title,
            note=note,
            act=lambda form: tell(
                self, request, lambda: act(ids, form.cleaned_data["reason"], who)
            ),
        )

    @admin.action(description="Hold the accounts…", permissions=["hold"])
    def hold(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> HttpResponse:
        return _to_form("admin:billing_hold_accounts", queryset)

    @admin.action(description="Bill the accounts now…", permissions=["bill"])
    def bill_now(self, request: HttpRequest, queryset: QuerySet[WorkItem]) -> HttpResponse:
        return _to_form("admin:billing_bill_now", queryset)


def _to_form(page: str, queryset: QuerySet[WorkItem]) -> HttpResponse:
    numbers = sorted(set(queryset.values_list("account_number", flat=True)) - {""})
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'accounts': ' '.join(numbers)})}")


class HoldForm(ReasonForm):
    """Which accounts are not billed, and why."""

    accounts = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Account numbers",
        help_text="One a line or separated by spaces.",
    )
    field_order = ["accounts", "reason"]

    def clean_accounts(self) -> list[str]:
        """Numbers, each once."""
        return list(dict.fromkeys(self.cleaned_data["accounts"].replace(",", " ").split()))


class LiftedFilter(admin.SimpleListFilter):
    """Holds in force, or lifted ones."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("held", "held"), ("lifted", "lifted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("held", "lifted"):
            return queryset.filter(lifted_at__isnull=self.value() == "held")
        return queryset


@admin.register(AccountHold)
class AccountHoldAdmin(BillingAdmin):
    called = ("hold", "holds on accounts")
    menu_place = 2
    waiting_query = "?state=held"
    list_display = [
        "account",
        "reason",
        "state",
        "placed_by",
        "placed_at",
        "lifted_by",
        "lifted_at",
    ]
    list_filter = [LiftedFilter, "placed_at"]
    search_fields = ["=account_number", "reason", "placed_by"]
    search_help_text = "account number, reason, who"
    ordering = ["-pk"]
    fields = [
        "account",
        "reason",
        "state",
        ("placed_by", "placed_at"),
        ("lifted_by", "lifted_at"),
    ]
    actions = ["lift"]
    change_list_template = "admin/billing/accounthold/change_list.html"

    def count_waiting(self) -> int:
        """Holds in force."""
        return AccountHold.objects.filter(lifted_at=None).count()

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Who may lift holds."""
        return self.may(request, "change_accounthold")

    @admin.display(description="account", ordering="account_number")
    def account(self, hold: AccountHold) -> SafeString:
        return account_link(hold.account_number)

    @admin.display(description="state", ordering="lifted_at")
    def state(self, hold: AccountHold) -> SafeString:
        look, word = ("bad", "held") if hold.lifted_at is None else ("good", "lifted")
        return format_html('<span class="stamp {}">{}</span>', look, word)

    @admin.action(description="Lift: bill these accounts again", permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[AccountHold]) -> None:
        numbers = sorted(set(queryset.values_list("account_number", flat=True)))
        who = request.user.get_username()
        tell(
            self,
            request,
            lambda: (
                f"{lift_holds(account_numbers=numbers, lifted_by=who)} accounts can be billed "
                "again."
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        hold = path(
            "hold/", self.admin_site.admin_view(self.hold_view), name="billing_hold_accounts"
        )
        return [hold, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_hold = self.may(request, "add_accounthold")
        return super().changelist_view(request, {**(extra_context or {}), "may_hold": may_hold})

    def hold_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for accounts and a reason, then holds them, all or none."""
        if not self.may(request, "add_accounthold"):
            raise PermissionDenied
        asked = {"accounts": request.GET.get("accounts", "")}
        form = HoldForm(request.POST) if request.method == "POST" else HoldForm(initial=asked)
        if form.is_valid():
            try:
                told = _hold(form, request)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, told, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:billing_accounthold_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Hold accounts",
            "note": "They are not billed until the hold is lifted.",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/billing/ask.html", context)


def _hold(form: forms.Form, request: HttpRequest) -> str:
    count = hold_accounts(
        account_numbers=form.cleaned_data["accounts"],
        reason=form.cleaned_data["reason"],
        placed_by=request.user.get_username(),
    )
    return f"{count} accounts are held."


@admin.register(GuardThreshold)
class GuardThresholdAdmin(RecordAdmin):
    """Limits may be changed by hand; who and when stands in their history."""

    called = ("limit of a guard", "limits of guards")
    menu_place = 70
    list_display = ["code", "customer_class", "value", "unit", "is_enabled", "meaning"]
    list_filter = ["is_enabled", "customer_class"]
    search_fields = ["code", "meaning"]
    ordering = ["code", "customer_class"]
    fields = ["code", "customer_class", "value", "unit", "is_enabled", "meaning"]
    readonly_fields = ["code", "customer_class", "unit", "meaning"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
