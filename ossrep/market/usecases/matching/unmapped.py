"""Charge codes that no list knows: one question for each code and TDSP, however many invoices."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from ossrep.market.db import connection, transaction
from ossrep.market.edi.texas_set.invoice_codes import find_charge_code
from ossrep.market.models import InvoiceDocument, UnmappedCharge, WorkItem
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key

UNMAPPED = "charge_code_unmapped"
CODE_CHARS_MAX = 80
CODES_MAX = 1_000

_COUNTS = """
    SELECT u.tdsp_code, u.code, count(*), sum(u.amount_usd)
    FROM unnest(%s::text[], %s::text[]) open (tdsp_code, code)
    JOIN unmapped_charge u USING (tdsp_code, code)
    GROUP BY u.tdsp_code, u.code
"""


def note_unmapped(*, row: InvoiceDocument, now: dt.datetime) -> None:
    """Keeps which codes of a saved invoice are unknown, and asks once for each code and TDSP.

    In the caller's transaction. The invoices are counted by ``count_unmapped``: receivers that
    work side by side must not wait for each other's work item.
    """
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    labels: dict[str, str] = {}
    for line in row.lines:
        if not line["is_known_code"]:
            code = line["code"][:CODE_CHARS_MAX]
            amounts[code] += Decimal(line["amount_usd"])
            labels.setdefault(code, line["label"])
    if not amounts:
        return
    UnmappedCharge.objects.bulk_create(
        [
            UnmappedCharge(invoice=row, tdsp_code=row.tdsp_code, code=code, amount_usd=amount)
            for code, amount in sorted(amounts.items())
        ],
        ignore_conflicts=True,
    )
    for code, amount in sorted(amounts.items()):
        open_work_item(
            kind=UNMAPPED,
            key=_key(row.tdsp_code, code),
            title=_title(row.tdsp_code, code, 1),
            text=(
                f"Its text is {labels[code]!r}, first on invoice {row.reference} of {row.esi_id}. "
                "Add it to `extra` in edi/guides/charge_codes.yaml with its name and where that "
                "is from; until then it is shown, and billed, by the text that came with it."
            ),
            tdsp_code=row.tdsp_code,
            inbound_set_id=row.inbound_set_id,
            reference=row.reference,
            money_at_risk_usd=amount,
            now=now,
        )


def count_unmapped(*, now: dt.datetime) -> int:
    """Brings the open questions up to date; how many are left open.

    Each gets the number of its invoices and their money; one whose code the list knows by now is
    resolved.
    """
    asked = WorkItem.objects.filter(kind=UNMAPPED, state="open").order_by("pk")
    items = {item.key: item for item in asked[:CODES_MAX]}
    if not items:
        return 0
    tdsps, codes = zip(*(key.split(" ", maxsplit=1) for key in items), strict=True)
    with connection().cursor() as cursor:
        cursor.execute(_COUNTS, [list(tdsps), list(codes)])
        counts = cursor.fetchall()
    open_ones = len(items)
    for tdsp_code, code, count, amount in counts:
        item = items.get(_key(tdsp_code, code))
        if item is None:
            continue
        if find_charge_code(code) is not None:
            resolve_by_key(
                kind=UNMAPPED, key=item.key, resolution="the list knows the code now", now=now
            )
            open_ones -= 1
        else:
            _update(item.pk, _title(tdsp_code, code, count), amount)
    return open_ones


def _update(item_id: int, title: str, amount: Decimal) -> None:
    with transaction():
        changed = WorkItem.objects.select_for_update().filter(pk=item_id, state="open")
        item = changed.exclude(title=title, money_at_risk_usd=amount).first()
        if item is not None:
            item.title, item.money_at_risk_usd = title, amount
            item.save(update_fields=["title", "money_at_risk_usd"])


def _key(tdsp_code: str, code: str) -> str:
    return f"{tdsp_code} {code}"


def _title(tdsp_code: str, code: str, count: int) -> str:
    invoices = "1 invoice" if count == 1 else f"{count:,} invoices"
    return f"Charge code {code} of {tdsp_code} is in no list ({invoices})"
