"""What we owe the wires companies: invoices as sent, less what was paid of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.market.db import connection
from ossrep.market.domain.matching_rules import payment_due_date
from ossrep.market.queries.calendars import get_calendars

INVOICES_MAX = 100_000

# A correction that still waits is not owed; a cancel takes back what its original asked for. Of
# two cancels of one original the second came because we refused the first: it alone counts, less
# what was settled with the first.
_OPEN = """
    SELECT * FROM (
        SELECT i.id, i.reference, i.tdsp_code, i.esi_id, i.purpose, i.due_date, i.received_at,
               CASE WHEN i.purpose = 'cancel' THEN -original.total_usd ELSE i.total_usd END
                 - coalesce(paid.amount, 0) AS open_usd,
               coalesce(paid.is_short, false) AS is_disputed
        FROM open_invoice queue JOIN invoice_document i ON i.id = queue.invoice_id
        LEFT JOIN LATERAL (
            SELECT o.total_usd FROM invoice_document o
            WHERE o.esi_id = i.esi_id AND o.tdsp_code = i.tdsp_code
              AND o.reference = i.original_reference AND o.refusal = '') original
            ON i.purpose = 'cancel'
        LEFT JOIN LATERAL (
            SELECT array_agg(c.id) AS ids, max(c.id) AS newest
            FROM invoice_document c
            WHERE c.esi_id = i.esi_id AND c.tdsp_code = i.tdsp_code AND c.purpose = 'cancel'
              AND c.original_reference = i.original_reference AND c.refusal = '') cancels
            ON i.purpose = 'cancel'
        LEFT JOIN LATERAL (
            SELECT sum(l.amount_usd) AS amount, bool_or(l.short_reason <> '') AS is_short
            FROM tdsp_payment_line l JOIN tdsp_payment t ON t.id = l.payment_id
            WHERE t.state <> 'withdrawn'
              AND l.invoice_id = ANY(coalesce(cancels.ids, ARRAY[i.id]))) paid ON true
        WHERE coalesce(cancels.newest, i.id) = i.id
          AND (%(tdsp)s = '' OR i.tdsp_code = %(tdsp)s)
          AND (%(references)s::text[] IS NULL OR i.reference = ANY(%(references)s))
          AND (%(due_by)s::date IS NULL OR i.due_date IS NULL OR i.due_date <= %(due_by)s)
          AND NOT EXISTS (SELECT 1 FROM parked_set p
                          WHERE p.inbound_set_id = i.inbound_set_id AND p.settled_at IS NULL)
    ) owed
    WHERE open_usd <> 0
      AND (NOT is_disputed OR %(with_disputed)s OR %(references)s::text[] IS NOT NULL)
    ORDER BY due_date NULLS FIRST, id
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """An invoice with what is open of it; negative for a cancel.

    ``due_date`` is the one that the invoice states, else the one by the tariff. The rest of a
    short payment is disputed.
    """

    invoice_id: int
    reference: str
    tdsp_code: str
    esi_id: str
    purpose: str
    due_date: dt.date
    open_usd: Decimal
    is_disputed: bool


def list_payables(
    *,
    tdsp_code: str = "",
    due_by: dt.date | None = None,
    references: Collection[str] = (),
    with_disputed: bool = False,
) -> Sequence[Payable]:
    """Open invoices, of a TDSP and due by a date where those are given, by due date.

    A disputed rest is listed where it is asked for, or where ``references`` names its invoice. At
    most ``INVOICES_MAX``: those that are due first, so that paying them brings the others up.
    """
    values = {
        "tdsp": tdsp_code,
        "references": list(references) or None,
        "due_by": due_by,
        "with_disputed": with_disputed,
        "limit": INVOICES_MAX,
    }
    with connection().cursor() as cursor:
        cursor.execute(_OPEN, values)
        rows = cursor.fetchall()
    calendars = get_calendars()
    found = []
    for invoice_id, reference, tdsp, esi_id, purpose, stated, received_at, amount, short in rows:
        calendar = calendars.find(calendar="TDSP", tdsp_code=tdsp)
        due = stated or payment_due_date(transmitted_at=received_at, calendar=calendar)
        if due_by is not None and due > due_by:
            continue
        found.append(
            Payable(
                invoice_id=invoice_id,
                reference=reference,
                tdsp_code=tdsp,
                esi_id=esi_id,
                purpose=purpose,
                due_date=due,
                open_usd=amount,
                is_disputed=short,
            )
        )
    return sorted(found, key=lambda each: (each.due_date, each.tdsp_code, each.invoice_id))
