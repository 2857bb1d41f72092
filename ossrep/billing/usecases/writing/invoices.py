"""Invoice headers, and the event that tells of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ossrep.billing.domain.copy_format import Kind, date_days, jsonb
from ossrep.billing.domain.due_dates import due_date
from ossrep.billing.models import TransferKind
from ossrep.billing.usecases.batch import AccountMoney, DueItem, Int64
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.registers import Registers
from ossrep.billing.usecases.snapshots import brand_part, snapshot_json
from ossrep.billing.usecases.writing.billed import BilledBatch, Fixed, copy_rows, int_column
from ossrep.kernel.money import dollars_text
from ossrep.published.billing import InvoiceIssued
from ossrep.published.customer import BillingAccount

A_PAYMENT = int(TransferKind.PAYMENT)


def write_invoices(
    billed: BilledBatch, line_counts: Int64, registers: Registers, catalog: Catalog
) -> None:
    """One invoice for each chosen item; its lines and taxes are there already."""
    batch, totals, chosen = billed.batch, billed.totals, billed.chosen
    items = [batch.items[n] for n in chosen.tolist()]
    accounts = _accounts(billed)
    money = [batch.money[item.account_id] for item in items]
    brands = {
        brand_id: registers.printed_part("brand", brand_part(catalog.brand(brand_id)))
        for brand_id in sorted({account.brand_id for account in accounts})
    }
    copy_rows(
        "invoice",
        {
            **_header(billed, items, accounts),
            **_balances(money, totals.current_cents[chosen]),
            "brand_part_id": (Kind.INT8, int_column([brands[a.brand_id] for a in accounts])),
            "retailer_usd": (Kind.CENTS, totals.retailer_cents[chosen]),
            "delivery_usd": (Kind.CENTS, totals.delivery_cents[chosen]),
            "tax_usd": (Kind.CENTS, totals.tax_cents[chosen]),
            "import_wh": (Kind.INT8, totals.import_wh[chosen]),
            "export_wh": (Kind.INT8, totals.export_wh[chosen]),
            "line_count": (Kind.INT2, line_counts[chosen]),
        },
        {
            "number": [item.number.encode() for item in items],
            "account_number": [account.account_number.encode() for account in accounts],
            "bill_to_name": [account.bill_to_name.encode() for account in accounts],
            "average_price_tenth_cents": _average_prices(
                totals.recurring_cents[chosen], totals.import_wh[chosen]
            ),
            "snapshot": _snapshots(billed, accounts, money),
        },
    )


def _accounts(billed: BilledBatch) -> list[BillingAccount]:
    found = [billed.batch.accounts[n] for n in billed.chosen.tolist()]
    return [account for account in found if account is not None]


def _header(
    billed: BilledBatch, items: Sequence[DueItem], accounts: Sequence[BillingAccount]
) -> Fixed:
    run, size = billed.batch.run, len(items)
    estimated = np.zeros(len(billed.batch.items), dtype=np.bool_)
    item_of = int_column([site.item for site in billed.batch.sites])
    np.logical_or.at(estimated, item_of, billed.batch.usage.estimated_intervals > 0)
    return {
        "id": (Kind.INT8, billed.ids[billed.chosen]),
        "run_id": (Kind.INT8, np.full(size, run.run_id)),
        "account_id": (Kind.INT8, int_column([item.account_id for item in items])),
        "brand_id": (Kind.INT8, int_column([account.brand_id for account in accounts])),
        "kind": (Kind.INT2, int_column([item.kind for item in items])),
        "period_start": (Kind.DATE, int_column([date_days(i.period_start) for i in items])),
        "period_end": (Kind.DATE, int_column([date_days(i.period_end) for i in items])),
        "issue_date": (Kind.DATE, np.full(size, date_days(run.issue_date))),
        "due_date": (Kind.DATE, np.full(size, date_days(due_date(run.issue_date)))),
        "is_estimated": (Kind.BOOL, estimated[billed.chosen]),
    }


def _balances(money: Sequence[AccountMoney], current_cents: Int64) -> Fixed:
    """What was owed, what came since, what is owed now."""
    payments = int_column(
        [sum([m.cents for m in own.movements if m.kind == A_PAYMENT]) for own in money]
    )
    previous = int_column([own.previous_cents for own in money])
    balance = int_column([own.balance_cents for own in money])
    return {
        "previous_balance_usd": (Kind.CENTS, previous),
        "payments_usd": (Kind.CENTS, payments),
        "adjustments_usd": (Kind.CENTS, balance - previous - payments),
        "amount_due_usd": (Kind.CENTS, balance + current_cents),
        "ledger_mark": (Kind.INT8, int_column([own.ledger_mark for own in money])),
    }


def _average_prices(recurring_cents: Int64, import_wh: Int64) -> list[bytes | None]:
    """Recurring lines / kWh, half-up to a tenth of a cent (16 TAC §25.479); none at 0 kWh."""
    prices: list[bytes | None] = []
    for cents, wh in zip(recurring_cents.tolist(), import_wh.tolist(), strict=True):
        if wh == 0:
            prices.append(None)
            continue
        magnitude = (2 * abs(cents) * 10_000 + wh) // (2 * wh)
        price = magnitude if cents >= 0 else -magnitude
        prices.append(price.to_bytes(4, "big", signed=True))
    return prices


def _snapshots(
    billed: BilledBatch, accounts: Sequence[BillingAccount], money: Sequence[AccountMoney]
) -> list[bytes]:
    sites = billed.batch.sites
    used = list(zip(billed.rated.import_wh.tolist(), billed.rated.export_wh.tolist(), strict=True))
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, site in enumerate(sites):
        rows_of[site.item].append(row)
    snapshots = []
    for n, account, own in zip(billed.chosen.tolist(), accounts, money, strict=True):
        rows = sorted(rows_of[n], key=lambda row: sites[row].site_no)
        text = snapshot_json(
            account=account,
            sites=[sites[row] for row in rows],
            money=own,
            usage=[used[row] for row in rows],
        )
        snapshots.append(jsonb(text))
    return snapshots


def issued_events(billed: BilledBatch) -> list[InvoiceIssued]:
    """One fact for each invoice."""
    batch = billed.batch
    current = billed.totals.current_cents.tolist()
    issued, due = batch.run.issue_date, due_date(batch.run.issue_date)
    events = []
    for n, account in zip(billed.chosen.tolist(), _accounts(billed), strict=True):
        charges = current[n]
        owed = batch.money[account.account_id].balance_cents + charges
        events.append(
            InvoiceIssued(
                account_id=account.account_id,
                account_number=account.account_number,
                invoice_number=batch.items[n].number,
                brand_id=account.brand_id,
                issue_date=issued,
                due_date=due,
                current_charges_usd=dollars_text(charges),
                amount_due_usd=dollars_text(owed),
            )
        )
    return events
