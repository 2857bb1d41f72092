"""The shapes of a customer's invoices, and how rows become them. See docs/api/invoices.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DecimalField,
    FloatField,
    IntegerField,
    ListField,
    URLField,
)

from ossrep.billing.documents.content import DocumentBank, DocumentSite
from ossrep.billing.documents.from_rows import document_of
from ossrep.billing.domain.open_items import Settlement
from ossrep.billing.domain.recipes import recipe_text
from ossrep.billing.models import Invoice, InvoiceLine
from ossrep.billing.queries.customer_bills import AccountMoney, Bill, BillStatus
from ossrep.billing.queries.stored_recipes import recipe_of
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel.money import dollars

ONE_DAY = dt.timedelta(days=1)


def money_field(**options: Any) -> DecimalField:
    """Dollars as a decimal string."""
    return DecimalField(max_digits=18, decimal_places=2, **options)


class BillShape(StrictSerializer):
    """An invoice in a list. The portal's own names first, with its numbers; then ours."""

    bill_id = IntegerField()
    account_id = IntegerField()
    account_number = CharField()
    amount = FloatField()
    due_date = DateField()
    status = ChoiceField(choices=[str(status) for status in BillStatus])
    billing_period_start = DateField()
    billing_period_end = DateField()
    paid_date = DateField(required=False)
    paid_amount = FloatField(required=False)

    invoice_number = CharField()
    issue_date = DateField()
    charges_usd = money_field()
    previous_balance_usd = money_field()
    payments_usd = money_field()
    adjustments_usd = money_field()
    amount_due_usd = money_field()
    open_usd = money_field()
    import_kwh = DecimalField(max_digits=18, decimal_places=3)
    export_kwh = DecimalField(max_digits=18, decimal_places=3)
    is_estimated = BooleanField()
    reversed_on = DateField(required=False)
    pdf_url = URLField()


class BillsShape(StrictSerializer):
    """Newest first."""

    items = BillShape(many=True)
    next_cursor = CharField(allow_null=True)


class LineShape(StrictSerializer):
    """A charge or credit; no rate where the price varies within the line."""

    section = ChoiceField(choices=["retailer", "delivery", "one_off"])
    label = CharField()  # type: ignore[assignment]
    quantity = CharField()
    unit = CharField()
    rate_usd = CharField(allow_null=True)
    amount_usd = money_field()
    explanation = CharField()


class BankShape(StrictSerializer):
    """Buyback credits: what came in, was earned, offset this bill or was used, and goes on."""

    in_usd = money_field()
    earned_usd = money_field()
    applied_usd = money_field()
    used_usd = money_field()
    out_usd = money_field()
    lost_usd = money_field()


class SiteShape(StrictSerializer):
    """One premises of the invoice."""

    site_no = IntegerField()
    esi_id = CharField()
    meter_number = CharField()
    service_address = ListField(child=CharField())
    tdsp_name = CharField()
    plan_name = CharField()
    billing_period_start = DateField()
    billing_period_end = DateField()
    import_kwh = DecimalField(max_digits=18, decimal_places=3)
    export_kwh = DecimalField(max_digits=18, decimal_places=3)
    is_estimated = BooleanField()
    tax_usd = money_field()
    lines = LineShape(many=True)
    buyback_bank = BankShape(required=False)


class TaxShape(StrictSerializer):
    """A tax or assessment of the whole invoice; the rate as printed."""

    label = CharField()  # type: ignore[assignment]
    rate = CharField()
    base_usd = money_field()
    amount_usd = money_field()


class MovementShape(StrictSerializer):
    """What came in between the invoice before and this one; credits are negative."""

    date = DateField()
    label = CharField()  # type: ignore[assignment]
    amount_usd = money_field()


class BillDetailShape(BillShape):
    """An invoice with its explained lines."""

    average_price_cents_per_kwh = CharField(allow_null=True)
    sites = SiteShape(many=True)
    taxes = TaxShape(many=True)
    movements = MovementShape(many=True)


class BalanceShape(StrictSerializer):
    """``balanceUsd = openUsd - creditUsd``; a negative balance is the customer's."""

    account_id = IntegerField()
    as_of = DateField()
    balance_usd = money_field()
    open_usd = money_field()
    overdue_usd = money_field()
    credit_usd = money_field()
    next_due_date = DateField(required=False)


class PaymentShape(StrictSerializer):
    """Money that arrived."""

    payment_id = IntegerField()
    account_id = IntegerField()
    received_date = DateField()
    amount_usd = money_field()
    reference = CharField()


class PaymentsShape(StrictSerializer):
    """Newest first."""

    items = PaymentShape(many=True)
    next_cursor = CharField(allow_null=True)


def bill_body(
    invoice: Invoice,
    *,
    settlement: Settlement,
    status: BillStatus,
    reversed_on: dt.date | None,
    pdf_url: str,
) -> dict[str, Any]:
    """One invoice of a list; fields that say nothing are left out."""
    charges = invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd
    paid = charges - dollars(settlement.open_cents)
    counts = reversed_on is None
    body = {
        "bill_id": invoice.pk,
        "account_id": invoice.account_id,
        "account_number": invoice.account_number,
        "amount": float(charges),
        "due_date": invoice.due_date,
        "status": str(status),
        "billing_period_start": invoice.period_start,
        "billing_period_end": invoice.period_end - ONE_DAY,
        "paid_date": settlement.paid_on if counts else None,
        "paid_amount": float(paid) if counts and charges > 0 and paid else None,
        "invoice_number": invoice.number,
        "issue_date": invoice.issue_date,
        "charges_usd": charges,
        "previous_balance_usd": invoice.previous_balance_usd,
        "payments_usd": invoice.payments_usd,
        "adjustments_usd": invoice.adjustments_usd,
        "amount_due_usd": invoice.amount_due_usd,
        "open_usd": dollars(settlement.open_cents),
        "import_kwh": kwh(invoice.import_wh),
        "export_kwh": kwh(invoice.export_wh),
        "is_estimated": invoice.is_estimated,
        "reversed_on": reversed_on,
        "pdf_url": pdf_url,
    }
    return {name: value for name, value in body.items() if value is not None}


def bill_detail_body(bill: Bill, *, pdf_url: str) -> dict[str, Any]:
    """The whole invoice, from its own rows."""
    stored = bill.stored
    document = document_of(stored)
    head = bill_body(
        stored.invoice,
        settlement=bill.settlement,
        status=bill.status,
        reversed_on=document.reversed_on,
        pdf_url=pdf_url,
    )
    average = document.average_price_cents_per_kwh
    taxes = zip(document.taxes, stored.taxes, strict=True)
    return {
        **head,
        "average_price_cents_per_kwh": None if average is None else str(average),
        "sites": [
            _site(site, charge.site_no, [x for x in stored.lines if x.site_no == charge.site_no])
            for site, charge in zip(document.sites, stored.charges, strict=True)
        ],
        "taxes": [
            {
                "label": shown.label,
                "rate": shown.rate,
                "base_usd": row.base_usd,
                "amount_usd": row.amount_usd,
            }
            for shown, row in taxes
        ],
        "movements": [
            {
                "date": payment.date,
                "label": payment.label,
                "amount_usd": dollars(payment.amount_cents),
            }
            for payment in document.payments
        ],
    }


def _site(site: DocumentSite, site_no: int, lines: list[InvoiceLine]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "site_no": site_no,
        "esi_id": site.esi_id,
        "meter_number": site.meter_number,
        "service_address": list(site.service_address),
        "tdsp_name": site.tdsp_name,
        "plan_name": site.plan_name,
        "billing_period_start": site.period_start,
        "billing_period_end": site.period_end - ONE_DAY,
        "import_kwh": kwh(site.import_wh),
        "export_kwh": kwh(site.export_wh),
        "is_estimated": site.is_estimated,
        "tax_usd": dollars(site.tax_cents),
        "lines": list(_lines(lines)),
    }
    if site.bank is not None:
        body["buyback_bank"] = _bank(site.bank)
    return body


def _lines(lines: list[InvoiceLine]) -> Iterator[dict[str, Any]]:
    for line in lines:
        recipe = recipe_of(line)
        yield {
            "section": line.template.section if line.template.recurring else "one_off",
            "label": line.template.label,
            "quantity": recipe["quantity"],
            "unit": line.template.unit,
            "rate_usd": recipe["unit_price_usd"],
            "amount_usd": line.amount_usd,
            "explanation": recipe_text(recipe),
        }


def _bank(bank: DocumentBank) -> dict[str, Decimal]:
    return {
        "in_usd": dollars(bank.in_cents),
        "earned_usd": dollars(bank.earned_cents),
        "applied_usd": dollars(bank.applied_cents),
        "used_usd": dollars(bank.used_cents),
        "out_usd": dollars(bank.out_cents),
        "lost_usd": dollars(bank.lost_cents),
    }


def balance_body(account_id: int, money: AccountMoney, *, today: dt.date) -> dict[str, Any]:
    """The balance of an account."""
    body: dict[str, Any] = {
        "account_id": account_id,
        "as_of": today,
        "balance_usd": money.balance_usd,
        "open_usd": money.open_usd,
        "overdue_usd": money.overdue_usd,
        "credit_usd": money.credit_usd,
    }
    if money.next_due_date:
        body["next_due_date"] = money.next_due_date
    return body


def kwh(wh: int) -> Decimal:
    """kWh with three decimals."""
    return Decimal(wh).scaleb(-3)
