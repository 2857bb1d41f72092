"""What the wires companies charge, of the invoices that count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ossrep.market.db import connection
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest

_SELECT = """
    SELECT asked.place, invoice.lines,
           (SELECT jsonb_agg(jsonb_build_object('is_back', s.negates_id IS NOT NULL,
                                                'lines', coalesce(n.lines, i.lines))
                             ORDER BY s.invoice_id)
            FROM standalone_charges s JOIN invoice_document i ON i.id = s.invoice_id
            LEFT JOIN invoice_document n ON n.id = s.negates_id
            WHERE s.period_id = period.id)
    FROM unnest(%s::text[], %s::date[], %s::date[]) WITH ORDINALITY
         AS asked (esi_id, start_date, end_date, place)
    JOIN matched_period period USING (esi_id, start_date, end_date)
    JOIN invoice_document invoice ON invoice.id = period.invoice_id
    WHERE period.state = 'matched'
"""

_LAST = """
    SELECT DISTINCT ON (period.esi_id) period.esi_id, invoice.total_usd,
           period.end_date - period.start_date
    FROM matched_period period JOIN invoice_document invoice ON invoice.id = period.invoice_id
    WHERE period.esi_id = ANY(%s) AND period.state = 'matched'
      AND period.end_date > period.start_date
    ORDER BY period.esi_id, period.end_date DESC
"""


def find_last_charges(*, esi_ids: Sequence[str]) -> Mapping[str, tuple[Decimal, int]]:
    """Of each ESI ID the total (USD) of the last invoice that counts, and the days it is for."""
    with connection().cursor() as cursor:
        cursor.execute(_LAST, [list(esi_ids)])
        return {esi_id: (total, days) for esi_id, total, days in cursor.fetchall()}


def get_delivery_charges(
    *, requests: Sequence[DeliveryChargeRequest]
) -> Sequence[tuple[DeliveryCharge, ...] | None]:
    """For each request the charges that the customer is to pay; None where no pair counts.

    One query. Charges that belong to no month (BIG07 ``26`` and its like) come with the first
    period that was matched after them; what was given so and then cancelled comes back negative
    with a later one. Charges between wires company and retailer (level B2B) are left out.
    """
    answers: list[tuple[DeliveryCharge, ...] | None] = [None] * len(requests)
    with connection().cursor() as cursor:
        cursor.execute(
            _SELECT,
            [
                [request.esi_id for request in requests],
                [request.start for request in requests],
                [request.end for request in requests],
            ],
        )
        for place, lines, standalone in cursor.fetchall():
            charges = _charges(json.loads(lines))
            for other in json.loads(standalone) if standalone else ():
                charges += _charges(other["lines"], sign=-1 if other["is_back"] else 1)
            answers[place - 1] = charges
    return answers


def _charges(lines: Sequence[dict[str, str]], *, sign: int = 1) -> tuple[DeliveryCharge, ...]:
    return tuple(
        DeliveryCharge(
            code=line["code"], label=line["label"], amount_usd=sign * Decimal(line["amount_usd"])
        )
        for line in lines
        if line["is_passed_on"]
    )
