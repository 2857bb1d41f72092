"""Invoices as issued, their PDFs, and what was reversed."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.billing.admin.asking import ReasonForm, ask
from ossrep.billing.admin.base import (
    BillingAdmin,
    account_link,
    days_text,
    plain_number,
    tell,
    usd,
)
from ossrep.billing.admin.invoice_page import get_invoice_page
from ossrep.billing.documents.pdf_files import stored_invoice_pdf
from ossrep.billing.models import Charge, Invoice, ItemKind, Reversal, RunKind
from ossrep.billing.models.runs import BillRun
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.kernel import clock
from ossrep.kernel.identifiers import InvoiceId

RUNS_SHOWN_MAX = 20


class ReversalForm(ReasonForm):
    """Why an invoice no longer counts, and from which day."""

    effective_date = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The date that the mirrored transfers bear.",
        initial=clock.market_today,
    )


class RunFilter(admin.SimpleListFilter):
    """One of the last bill runs."""

    title = "bill run"
    parameter_name = "run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        runs = BillRun.objects.filter(kind=RunKind.BILL).order_by("-pk")[:RUNS_SHOWN_MAX]
        return [(str(run.pk), f"{run.pk}, as of {run.as_of}") for run in runs]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(run_id=int(value)) if value.isdigit() else queryset


class CountsFilter(admin.SimpleListFilter):
    """Invoices that count, or that were reversed."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("issued", "issued"), ("reversed", "reversed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("issued", "reversed"):
            return queryset.filter(is_reversed=self.value() == "reversed")
        return queryset


class KindFilter(admin.SimpleListFilter):
    """Regular and final bills."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), label) for value, label in ItemKind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(kind=int(value)) if value.isdigit() else queryset


class EstimatedFilter(admin.SimpleListFilter):
    """Bills of estimated usage."""

    title = "usage"
    parameter_name = "usage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("estimated", "estimated"), ("actual", "actual")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("estimated", "actual"):
            return queryset.filter(is_estimated=self.value() == "estimated")
        return queryset


@admin.register(Invoice)
class InvoiceAdmin(BillingAdmin):
    menu_place = 10
    list_display = [
        "number",
        "account",
        "service",
        "period",
        "due",
        "used_kwh",
        "charges_usd",
        "due_usd",
        "state",
        "pdf",
    ]
    list_filter = [CountsFilter, KindFilter, EstimatedFilter, RunFilter]
    date_hierarchy = "issue_date"
    search_fields = ["number", "account_number", "bill_to_name"]
    search_help_text = "invoice or account number, ESI ID, bill-to name, service address"
    ordering = ["-pk"]
    actions = ["reverse"]
    change_form_template = "admin/billing/invoice/change_form.html"

    def has_reverse_permission(self, request: HttpRequest) -> bool:
        """Who may undo invoices."""
        return self.may(request, "change_invoice")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        gone = Reversal.objects.filter(invoice_id=OuterRef("pk"))
        invoices: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = invoices.annotate(is_reversed=Exists(gone))
        return annotated

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        number = plain_number(search_term)
        if number:
            with_meter = Charge.objects.filter(esi_id=number).values("invoice_id")
            exact = Q(number=number) | Q(account_number=search_term.strip())
            found = queryset.filter(exact | Q(account_number=number) | Q(pk__in=with_meter))
            if found.exists():
                return found, False
        for word in search_term.split():
            queryset = queryset.annotate(places=_PLACES).filter(
                Q(bill_to_name__icontains=word) | Q(places__icontains=word)
            )
        return queryset, False

    @admin.display(description="due", ordering="due_date")
    def due(self, invoice: Invoice) -> str:
        return f"{invoice.due_date}"

    @admin.display(description="account", ordering="account_number")
    def account(self, invoice: Invoice) -> SafeString:
        return account_link(invoice.account_number, invoice.bill_to_name)

    @admin.display(description="service address")
    def service(self, invoice: Invoice) -> str:
        sites = invoice.snapshot["sites"]
        first = sites[0]["address"]
        more = f" and {len(sites) - 1} more" if len(sites) > 1 else ""
        return f"{first['line1']}, {first['city']}{more}"

    @admin.display(description="period", ordering="period_start")
    def period(self, invoice: Invoice) -> str:
        return days_text(invoice.period_start, invoice.period_end)

    @admin.display(description="kWh", ordering="import_wh")
    def used_kwh(self, invoice: Invoice) -> str:
        return f"{invoice.import_wh / 1000:,.0f}"

    @admin.display(description="charges", ordering=F("retailer_usd") + F("delivery_usd"))
    def charges_usd(self, invoice: Invoice) -> str:
        return usd(invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd)

    @admin.display(description="amount due", ordering="amount_due_usd")
    def due_usd(self, invoice: Invoice) -> str:
        return usd(invoice.amount_due_usd)

    @admin.display(description="state", ordering="is_reversed")
    def state(self, invoice: Any) -> SafeString:
        look, word = ("bad", "reversed") if invoice.is_reversed else ("good", "issued")
        return format_html('<span class="stamp {}">{}</span>', look, word)

    @admin.display(description="PDF")
    def pdf(self, invoice: Invoice) -> SafeString:
        return format_html('<a href="{}/pdf/" target="_blank">PDF</a>', invoice.pk)

    @admin.action(description="Reverse…", permissions=["reverse"])
    def reverse(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> HttpResponse | None:
        def act(form: forms.Form) -> None:
            # The newest first: a later bill builds on the earlier ones of its account.
            for invoice in queryset.order_by("-pk"):
                order = ReversalOrder(
                    invoice_number=invoice.number,
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
            title="Reverse invoices",
            note="Mirrored transfers undo them; nothing is deleted, and the days can be billed "
            "again. An invoice that later bills build on cannot go before those.",
            act=act,
        )

    def get_urls(self) -> list[URLPattern]:
        pdf = path(
            "<path:object_id>/pdf/",
            self.admin_site.admin_view(self.pdf_view),
            name="billing_invoice_pdf",
        )
        return [pdf, *super().get_urls()]

    def pdf_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The invoice as PDF, shown in the browser."""
        invoice = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, invoice):
            raise PermissionDenied
        if invoice is None:
            raise Http404("no such invoice")
        answer = HttpResponse(
            stored_invoice_pdf(invoice_id=InvoiceId(invoice.pk)), content_type="application/pdf"
        )
        answer["Content-Disposition"] = f'inline; filename="{invoice.number}.pdf"'
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        invoice = self.get_object(request, unquote(object_id))
        page = get_invoice_page(invoice_id=InvoiceId(invoice.pk)) if invoice else None
        shown = {
            "page": page,
            "may_reverse": self.has_reverse_permission(request),
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        # The page's own template shows all there is.
        return []


# Values only: the names of the snapshot's keys must not be found.
_PLACES = Cast(
    Func(
        F("snapshot"),
        Value("$.sites[*].address.*"),
        function="jsonb_path_query_array",
        template="%(function)s(%(expressions)s::jsonpath)",
    ),
    TextField(),
)


def _reverse(order: ReversalOrder) -> str:
    result = reverse_invoices(order=order)
    return f"Invoice {order.invoice_number} is reversed (run {result.run_id})."


@admin.register(Reversal)
class ReversalAdmin(BillingAdmin):
    called = ("reversal", "reversals")
    menu_place = 30
    list_display = [
        "effective_date",
        "invoice",
        "account",
        "amount_usd",
        "reason",
        "requested_by",
        "run",
        "created_at",
    ]
    list_select_related = ["run"]
    date_hierarchy = "effective_date"
    search_fields = ["reason", "requested_by"]
    search_help_text = "invoice or account number, reason, who"
    ordering = ["-pk"]
    fields = [
        "invoice",
        "account",
        "amount_usd",
        "effective_date",
        "reason",
        "requested_by",
        "run",
        "created_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        reversed_one = Invoice.objects.filter(pk=OuterRef("invoice_id"))
        reversals: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = reversals.annotate(
            number=reversed_one.values("number"),
            account_number=reversed_one.values("account_number"),
            name=reversed_one.values("bill_to_name"),
            amount=reversed_one.values(
                total=F("retailer_usd") + F("delivery_usd") + F("tax_usd"),
            ),
        )
        return annotated

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        number = plain_number(search_term)
        if number:
            return queryset.filter(Q(number=number) | Q(account_number=number)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="invoice", ordering="number")
    def invoice(self, reversal: Any) -> SafeString | str:
        return format_html('<a href="../invoice/{}/">{}</a>', reversal.invoice_id, reversal.number)

    @admin.display(description="account", ordering="account_number")
    def account(self, reversal: Any) -> SafeString:
        return account_link(reversal.account_number, reversal.name)

    @admin.display(description="charges undone", ordering="amount")
    def amount_usd(self, reversal: Any) -> str:
        return usd(reversal.amount)
