"""The ledger: accounts with their balances, and transfers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.billing.admin.base import ByAccountAdmin, account_link, label_of, plain_number, usd
from ossrep.billing.admin.invoice_page import ledger_name, transfer_row
from ossrep.billing.models import Invoice, LedgerAccount, LedgerBalance, SourceKind, Transfer
from ossrep.billing.queries.account_labels import find_accounts
from ossrep.billing.queries.open_items import get_open_items
from ossrep.infra.admin_links import link_to
from ossrep.kernel.identifiers import AccountId
from ossrep.kernel.money import dollars

TRANSFERS_SHOWN_MAX = 60
_DOLLARS = DecimalField(max_digits=18, decimal_places=2)


def paper(caption: str, heads: Iterable[str], rows: Iterable[tuple[object, ...]]) -> SafeString:
    """A table inside a record's page; the last column is dollars."""
    names = list(heads)
    last = len(names) - 1
    head = format_html_join(
        "", '<th class="{}">{}</th>', (("num" if n == last else "", h) for n, h in enumerate(names))
    )
    cell = "<td>{}</td>" * last + '<td class="num">{}</td>'
    body = format_html_join("", f"<tr>{cell}</tr>", rows)
    return format_html(
        '<table class="paper"><caption>{}</caption><thead><tr>{}</tr></thead>{}</table>',
        caption,
        head,
        body,
    )


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ByAccountAdmin):
    called = ("ledger account", "balances")
    menu_place = 5
    list_display = ["name", "account", "debits_usd", "credits_usd", "balance_usd"]
    list_filter = ["kind"]
    search_fields = ["code"]
    search_help_text = "account number, bill-to name, tax code"
    ordering = ["pk"]
    fieldsets = [
        (
            None,
            {"fields": ["name", "account", ("debits_usd", "credits_usd", "balance_usd"), "lists"]},
        ),
        ("What is open", {"fields": ["open_items"]}),
        ("Statement", {"fields": ["statement"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        accounts: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = accounts.annotate(
            debit=_sum_of("debit_usd"), credit=_sum_of("credit_usd")
        ).annotate(balance=F("debit") - F("credit"))
        return annotated

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(account_id__in=find_accounts(term=term)) | Q(code__icontains=term)
        return queryset.filter(found), False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        # Only a customer's account has open items and a statement of its own.
        return fieldsets if obj is None or obj.account_id else fieldsets[:1]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A customer's account under the number that people know."""
        answer = super().render_change_form(request, context, *args, **kwargs)
        label = label_of(context["original"]) if context.get("original") else None
        if label is not None:
            context["title"] = f"Balance of account {label.number}"
        return answer

    @admin.display(description="ledger account", ordering="kind")
    def name(self, account: LedgerAccount) -> str:
        return ledger_name(account).capitalize()

    @admin.display(description="debits", ordering="debit")
    def debits_usd(self, account: Any) -> str:
        return usd(account.debit)

    @admin.display(description="credits", ordering="credit")
    def credits_usd(self, account: Any) -> str:
        return usd(account.credit)

    @admin.display(description="balance", ordering="balance")
    def balance_usd(self, account: Any) -> str:
        return usd(account.balance)

    @admin.display(description="see")
    def lists(self, account: LedgerAccount) -> SafeString | str:
        label = label_of(account)
        if label is None:
            return "`manage.py bill trial-balance` sums the house's accounts."
        return format_html(
            "{} · {} · {}",
            link_to("billing_invoice", label.number, "invoices"),
            link_to("billing_payment", label.number, "payments"),
            link_to("billing_transfer", label.number, "transfers"),
        )

    @admin.display(description="open items")
    def open_items(self, account: LedgerAccount) -> SafeString | str:
        if account.account_id is None:
            return "-"
        found = get_open_items(account_id=AccountId(account.account_id))
        rows = [
            (
                item.owed.date,
                link_to("billing_invoice", item.owed.name, item.owed.name)
                if item.owed.name.isdigit()
                else item.owed.name,
                item.owed.due_date or "",
                usd(dollars(item.owed.amount_cents)),
                usd(dollars(item.open_cents)),
            )
            for item in found.items
            if item.open_cents
        ]
        if not rows:
            return f"Nothing is open; credit {usd(dollars(found.credit_cents))}."
        return paper("Oldest first", ("date", "invoice", "due", "amount", "open"), rows)

    @admin.display(description="transfers")
    def statement(self, account: LedgerAccount) -> SafeString | str:
        if account.account_id is None:
            return "-"
        moved = (
            Transfer.objects.filter(account_id=account.account_id)
            .select_related("debit", "credit")
            .order_by("-pk")[:TRANSFERS_SHOWN_MAX]
        )
        heads = ("date", "kind", "debit", "credit", "amount")
        return paper("The latest first", heads, [transfer_row(transfer) for transfer in moved])


def _sum_of(column: str) -> Coalesce:
    rows = (
        LedgerBalance.objects.filter(ledger_account_id=OuterRef("pk"))
        .order_by()
        .values("ledger_account_id")
        .annotate(total=Sum(column))
        .values("total")
    )
    return Coalesce(Subquery(rows, output_field=_DOLLARS), Value(0, output_field=_DOLLARS))


@admin.register(Transfer)
class TransferAdmin(ByAccountAdmin):
    menu_place = 25
    list_display = [
        "effective_date",
        "kind",
        "account",
        "debit_name",
        "credit_name",
        "amount_shown_usd",
        "source",
        "posted_at",
    ]
    list_filter = ["kind", "source_kind"]
    list_select_related = ["debit", "credit"]
    date_hierarchy = "effective_date"
    search_fields = ["=id"]
    search_help_text = "account or invoice number, bill-to name"
    ordering = ["-pk"]
    fields = [
        "effective_date",
        "kind",
        "account",
        ("debit_name", "credit_name"),
        "amount_shown_usd",
        "source",
        "reverses",
        "posted_at",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(account_id__in=find_accounts(term=term))
        number = plain_number(term)
        if number:
            issued = Invoice.objects.filter(number=number).values("pk")
            wanted |= Q(source_kind=SourceKind.INVOICE, source_id__in=issued)
        return queryset.filter(wanted), False

    @admin.display(description="account", ordering="account_id")
    def account(self, row: Transfer) -> SafeString | str:
        label = label_of(row)
        return account_link(label.number, label.name) if label else "-"

    @admin.display(description="debit")
    def debit_name(self, transfer: Transfer) -> str:
        return ledger_name(transfer.debit)

    @admin.display(description="credit")
    def credit_name(self, transfer: Transfer) -> str:
        return ledger_name(transfer.credit)

    @admin.display(description="amount", ordering="amount_usd")
    def amount_shown_usd(self, transfer: Transfer) -> str:
        return usd(transfer.amount_usd)

    @admin.display(description="source")
    def source(self, transfer: Transfer) -> SafeString | str:
        pages = {
            SourceKind.INVOICE: "invoice",
            SourceKind.PAYMENT: "payment",
            SourceKind.OPENING: "openingaccount",
            SourceKind.REVERSAL: "reversal",
        }
        kind = SourceKind(transfer.source_kind)
        return link_to(f"billing_{pages[kind]}", "", kind.label, id=transfer.source_id)
