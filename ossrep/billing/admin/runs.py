"""Bill runs, the accounts in them, and the order to bill chosen accounts now."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.billing.admin.asking import ask
from ossrep.billing.admin.base import (
    BillingAdmin,
    ByAccountAdmin,
    days_text,
    plain_number,
    tell,
    usd,
)
from ossrep.billing.admin.invoices import ReversalForm, RunFilter
from ossrep.billing.models import BillRun, BillRunItem, Invoice, RunKind, WorkItem
from ossrep.billing.queries.account_labels import find_accounts
from ossrep.billing.queries.run_status import RUN_SUMS
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.billing.usecases.run_bills import InThisProcess, run_bills
from ossrep.infra.admin_links import link_to
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

ACCOUNTS_AT_ONCE_MAX = 500
REVERSED_AT_ONCE_MAX = 2_000


class BillNowForm(forms.Form):
    """Which accounts are billed, up to when."""

    accounts = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        label="Account numbers",
        help_text=f"One a line or separated by spaces, at most {ACCOUNTS_AT_ONCE_MAX}; "
        "a whole cycle is billed by `manage.py bill run`.",
    )
    as_of = forms.DateField(
        label="As of",
        initial=clock.market_today,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Periods that ended by this day are billed.",
    )
    reason = forms.CharField(max_length=300, required=False, help_text="Kept with the run.")

    def clean_accounts(self) -> list[str]:
        """Numbers in the order given, each once."""
        numbers = list(dict.fromkeys(self.cleaned_data["accounts"].replace(",", " ").split()))
        if len(numbers) > ACCOUNTS_AT_ONCE_MAX:
            raise forms.ValidationError(f"At most {ACCOUNTS_AT_ONCE_MAX} accounts at once.")
        return numbers


@admin.register(BillRun)
class BillRunAdmin(BillingAdmin):
    menu_place = 15
    list_display = [
        "run",
        "state_shown",
        "as_of",
        "planned_count",
        "billed_count",
        "held_count",
        "used_kwh",
        "charges_usd",
        "tax_usd",
        "took",
        "requested_by",
        "reason",
    ]
    list_filter = ["kind", "state", "read_cycle"]
    date_hierarchy = "as_of"
    search_fields = ["=id", "=read_cycle", "requested_by", "reason"]
    search_help_text = "number, cycle, who, reason"
    ordering = ["-pk"]
    actions = ["reverse"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("run", "state_shown"),
                    ("as_of", "issue_date"),
                    ("read_cycle", "wave"),
                    ("requested_by", "reason"),
                    ("created_at", "finished_at", "took"),
                ]
            },
        ),
        (
            "Outcome",
            {
                "fields": [
                    ("planned_count", "billed_count", "held_count", "skipped_count"),
                    ("lines_count", "used_kwh"),
                    ("charges_usd", "tax_usd"),
                    "why_held",
                    "lists",
                ]
            },
        ),
        ("Order", {"fields": ["parameters"], "classes": ["collapse"]}),
    ]
    change_list_template = "admin/billing/billrun/change_list.html"

    def has_reverse_permission(self, request: HttpRequest) -> bool:
        """Who may undo runs."""
        return self.may(request, "change_invoice")

    def has_bill_permission(self, request: HttpRequest) -> bool:
        """Who may bill."""
        return self.may(request, "add_billrun")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        runs: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = runs.annotate(
            **{f"sum_{name}": value for name, value in RUN_SUMS.items()}
        )
        return annotated

    @admin.display(description="run", ordering="pk")
    def run(self, run: BillRun) -> str:
        cycle = f"cycle {run.read_cycle}" if run.read_cycle else "all cycles"
        named = run.parameters.get("accounts")
        what = f"{len(named)} accounts" if named else cycle
        return f"{run.pk}: {what}" if run.kind == RunKind.BILL else f"{run.pk}: reversal"

    @admin.display(description="state", ordering="state")
    def state_shown(self, run: BillRun) -> SafeString:
        look = "good" if run.finished_at else "bad"
        return format_html('<span class="stamp {}">{}</span>', look, run.get_state_display())

    @admin.display(description="due", ordering="sum_planned")
    def planned_count(self, run: Any) -> str:
        return f"{run.sum_planned:,}"

    @admin.display(description="billed", ordering="sum_billed")
    def billed_count(self, run: Any) -> str:
        return f"{run.sum_billed:,}"

    @admin.display(description="held", ordering="sum_held")
    def held_count(self, run: Any) -> str:
        return f"{run.sum_held:,}"

    @admin.display(description="skipped", ordering="sum_skipped")
    def skipped_count(self, run: Any) -> str:
        return f"{run.sum_skipped:,}"

    @admin.display(description="lines", ordering="sum_lines")
    def lines_count(self, run: Any) -> str:
        return f"{run.sum_lines:,}"

    @admin.display(description="kWh", ordering="sum_import_wh")
    def used_kwh(self, run: Any) -> str:
        return f"{run.sum_import_wh / 1000:,.0f}"

    @admin.display(description="charges", ordering="sum_charges_usd")
    def charges_usd(self, run: Any) -> str:
        return usd(run.sum_charges_usd)

    @admin.display(description="taxes", ordering="sum_tax_usd")
    def tax_usd(self, run: Any) -> str:
        return usd(run.sum_tax_usd)

    @admin.display(description="took")
    def took(self, run: BillRun) -> str:
        if run.finished_at is None:
            return "-"
        return f"{(run.finished_at - run.created_at).total_seconds():,.1f} s"

    @admin.display(description="held, by reason")
    def why_held(self, run: BillRun) -> SafeString | str:
        counted = (
            WorkItem.objects.filter(run=run)
            .values_list("reason_code")
            .annotate(rows=Count("pk"))
            .order_by("-rows", "reason_code")
        )
        links = (
            (
                link_to(
                    "billing_workitem",
                    "",
                    f"{code.replace('_', ' ')}: {count:,}",
                    run=run.pk,
                    reason_code=code,
                    status="all",
                ),
            )
            for code, count in counted
        )
        return format_html_join(SafeString("<br>"), "{}", links) or "nothing"

    @admin.display(description="see")
    def lists(self, run: BillRun) -> SafeString:
        return format_html(
            "{} · {}",
            link_to("billing_invoice", "", "invoices", run=run.pk),
            link_to("billing_billrunitem", "", "accounts in the run", run=run.pk),
        )

    @admin.action(description="Reverse whole runs…", permissions=["reverse"])
    def reverse(self, request: HttpRequest, queryset: QuerySet[BillRun]) -> HttpResponse | None:
        run_ids = sorted(queryset.values_list("pk", flat=True), reverse=True)
        if Invoice.objects.filter(run_id__in=run_ids).count() > REVERSED_AT_ONCE_MAX:
            self.message_user(
                request,
                f"More than {REVERSED_AT_ONCE_MAX:,} invoices: use `manage.py bill reverse RUN`, "
                "which shows how far it is.",
                messages.ERROR,
            )
            return None

        def act(form: forms.Form) -> None:
            for run_id in run_ids:
                order = ReversalOrder(
                    run_id=run_id,
                    reason=form.cleaned_data["reason"],
                    effective_date=form.cleaned_data["effective_date"],
                    requested_by=request.user.get_username(),
                )
                tell(self, request, partial(_reverse, order))

        return ask(
            self,
            request,
            queryset,
            form_class=ReversalForm,
            title="Reverse bill runs",
            note="Every invoice of these runs that still counts is undone by mirrored transfers.",
            act=act,
        )

    def get_urls(self) -> list[URLPattern]:
        bill_now = path(
            "bill-now/", self.admin_site.admin_view(self.bill_now_view), name="billing_bill_now"
        )
        return [bill_now, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_bill = self.has_bill_permission(request)
        return super().changelist_view(request, {**(extra_context or {}), "may_bill": may_bill})

    def bill_now_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for accounts, then bills what is due of them and shows the run."""
        if not self.has_bill_permission(request):
            raise PermissionDenied
        asked = {"accounts": request.GET.get("accounts", "")}
        form = BillNowForm(request.POST) if request.method == "POST" else BillNowForm(initial=asked)
        if form.is_valid():
            order = RunOrder(
                as_of=form.cleaned_data["as_of"],
                account_numbers=form.cleaned_data["accounts"],
                requested_by=request.user.get_username(),
                reason=form.cleaned_data["reason"],
            )
            try:
                status = run_bills(order=order, workers=InThisProcess())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                told = (
                    f"{status.planned} due, {status.billed} billed, {status.held} held, "
                    f"{status.skipped} skipped."
                )
                self.message_user(request, f"Run {status.run_id}: {told}", messages.SUCCESS)
                page = reverse("admin:billing_billrun_change", args=[status.run_id])
                return HttpResponseRedirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": "Bill accounts now",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/billing/ask.html", context)


def _reverse(order: ReversalOrder) -> str:
    result = reverse_invoices(order=order)
    return f"Run {order.run_id}: {result.invoices:,} invoices reversed (run {result.run_id})."


@admin.register(BillRunItem)
class BillRunItemAdmin(ByAccountAdmin):
    called = ("account in a run", "accounts in runs")
    menu_place = 16
    list_display = ["account", "run", "kind", "period", "state", "reason", "invoice"]
    list_filter = ["state", "kind", "reason_code", RunFilter]
    list_select_related = ["run"]
    search_fields = ["=number"]
    search_help_text = "invoice or account number, bill-to name"
    ordering = ["-pk"]
    fields = ["account", "run", "kind", "period", "state", "reason", "invoice", "has_more"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        number = plain_number(term)
        accounts = Q(account_id__in=find_accounts(term=term))
        return queryset.filter(accounts | Q(number=number) if number else accounts), False

    @admin.display(description="period", ordering="period_start")
    def period(self, item: BillRunItem) -> str:
        return days_text(item.period_start, item.period_end)

    @admin.display(description="reason", ordering="reason_code")
    def reason(self, item: BillRunItem) -> str:
        return item.reason_code.replace("_", " ") or "-"

    @admin.display(description="invoice", ordering="number")
    def invoice(self, item: BillRunItem) -> SafeString | str:
        if item.state not in ("billed", "reversed"):
            return "-"
        return link_to("billing_invoice", item.number, item.number)
