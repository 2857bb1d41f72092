"""Lines and taxes: a template's id, an exact quantity, cents."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from ossrep.billing.domain.copy_format import Kind, jsonb
from ossrep.billing.usecases.batch import Int64
from ossrep.billing.usecases.registers import Registers
from ossrep.billing.usecases.writing.billed import BilledBatch, copy_rows, int_column, numbered
from ossrep.kernel.money import dollars


def write_lines(billed: BilledBatch, registers: Registers) -> Int64:
    """Gives the number of lines of each item."""
    lines, sites = billed.lines, billed.batch.sites
    kept = np.flatnonzero(billed.is_chosen[lines.item])
    items = lines.item[kept]
    used, place = np.unique(lines.template[kept], return_inverse=True)
    template_ids = registers.line_templates([lines.templates[n] for n in used.tolist()])
    site_no = int_column([site.site_no for site in sites])
    recipes = [lines.recipes.get(n) for n in kept.tolist()] if lines.recipes else [None] * kept.size
    copy_rows(
        "invoice_line",
        {
            "invoice_id": (Kind.INT8, billed.ids[items]),
            "line_no": (Kind.INT2, numbered(items)),
            "site_no": (Kind.INT2, site_no[lines.site[kept]]),
            "template_id": (Kind.INT8, int_column(template_ids)[place]),
            "quantity": (Kind.INT8, lines.quantity[kept]),
            "amount_usd": (Kind.CENTS, lines.cents[kept]),
        },
        {"recipe": [None if r is None else jsonb(json.dumps(r)) for r in recipes]},
    )
    return np.bincount(items, minlength=billed.ids.size)


def write_taxes(billed: BilledBatch, registers: Registers) -> None:
    """Taxes in printed order; splits over sites where an invoice has several."""
    taxes = billed.taxes
    kept = np.flatnonzero(billed.is_chosen[taxes.item])
    items = taxes.item[kept]
    template_ids = int_column(registers.tax_templates(taxes.templates))
    splits = [taxes.splits.get(n) for n in kept.tolist()] if taxes.splits else [None] * kept.size
    copy_rows(
        "invoice_tax",
        {
            "invoice_id": (Kind.INT8, billed.ids[items]),
            "tax_no": (Kind.INT2, numbered(items)),
            "template_id": (Kind.INT8, template_ids[taxes.template[kept]]),
            "base_usd": (Kind.CENTS, taxes.base_cents[kept]),
            "amount_usd": (Kind.CENTS, taxes.amount_cents[kept]),
            "retailer_usd": (Kind.CENTS, taxes.retailer_cents[kept]),
            "delivery_usd": (Kind.CENTS, taxes.delivery_cents[kept]),
        },
        {"split": [None if split is None else jsonb(_split_json(split)) for split in splits]},
    )


def _split_json(split: Sequence[tuple[int, str, int]]) -> str:
    """Sites are numbered from 1 here, as they are printed."""
    return json.dumps(
        [
            {"site": site + 1, "section": section, "amount_usd": str(dollars(cents))}
            for site, section, cents in split
        ]
    )
