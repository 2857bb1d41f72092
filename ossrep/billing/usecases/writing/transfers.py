"""Transfers of an invoice: its retailer's part, its delivery part, and each tax."""

from __future__ import annotations

import numpy as np

from ossrep.billing.domain.copy_format import Kind, date_days
from ossrep.billing.models import LedgerAccountKind, SourceKind, TransferKind
from ossrep.billing.usecases.batch import Int64
from ossrep.billing.usecases.registers import Registers
from ossrep.billing.usecases.writing.billed import BilledBatch, copy_rows, int_column, numbered

RETAILER_LEG, DELIVERY_LEG, FIRST_TAX_LEG = 1, 2, 10


def write_transfers(billed: BilledBatch, registers: Registers) -> None:
    """Debits the customer's receivable; a negative part goes the other way. None for 0.00."""
    taxes = billed.taxes
    energy, delivery = registers.house_accounts(
        [(LedgerAccountKind.ENERGY_REVENUE, ""), (LedgerAccountKind.DELIVERY_REVENUE, "")]
    )
    payable = registers.house_accounts(
        (LedgerAccountKind.TAX_PAYABLE, f"{t.code}:{t.place or ''}") for t in taxes.templates
    )
    chosen = billed.chosen
    kept = np.flatnonzero(billed.is_chosen[taxes.item])
    items = np.concatenate([chosen, chosen, taxes.item[kept]])
    cents = np.concatenate(
        [
            billed.totals.retailer_cents[chosen],
            billed.totals.delivery_cents[chosen],
            taxes.amount_cents[kept],
        ]
    )
    house = np.concatenate(
        [
            np.full(chosen.size, energy),
            np.full(chosen.size, delivery),
            int_column(payable)[taxes.template[kept]],
        ]
    )
    legs = np.concatenate(
        [
            np.full(chosen.size, RETAILER_LEG),
            np.full(chosen.size, DELIVERY_LEG),
            FIRST_TAX_LEG - 1 + numbered(taxes.item[kept]),
        ]
    )
    _copy(billed, *_sorted(items, legs, cents, house))


def _sorted(items: Int64, legs: Int64, cents: Int64, house: Int64) -> tuple[Int64, ...]:
    order = np.lexsort((legs, items))
    order = order[cents[order] != 0]
    return items[order], legs[order], cents[order], house[order]


def _copy(billed: BilledBatch, items: Int64, legs: Int64, cents: Int64, house: Int64) -> None:
    batch = billed.batch
    account_ids = int_column([item.account_id for item in batch.items])
    receivable = int_column(
        [
            batch.money[item.account_id].ledger_account_id if billed.is_chosen[n] else 0
            for n, item in enumerate(batch.items)
        ]
    )
    brands = int_column([0 if account is None else account.brand_id for account in batch.accounts])
    is_charge = cents > 0
    copy_rows(
        "transfer",
        {
            "account_id": (Kind.INT8, account_ids[items]),
            "debit_id": (Kind.INT8, np.where(is_charge, receivable[items], house)),
            "credit_id": (Kind.INT8, np.where(is_charge, house, receivable[items])),
            "amount_usd": (Kind.CENTS, np.abs(cents)),
            "kind": (
                Kind.INT2,
                np.where(legs < FIRST_TAX_LEG, TransferKind.CHARGE, TransferKind.TAX),
            ),
            "source_kind": (Kind.INT2, np.full(items.size, SourceKind.INVOICE)),
            "source_id": (Kind.INT8, billed.ids[items]),
            "source_leg": (Kind.INT2, legs),
            "brand_id": (Kind.INT8, brands[items]),
            "effective_date": (Kind.DATE, np.full(items.size, date_days(batch.run.issue_date))),
        },
        {},
    )
