"""What the wires companies charge, of the invoices that count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ossrep.market.db import connection
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest

_SELECT = """
    SELECT asked.place, invoice.lines
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

    One query. Charges between wires company and retailer (level B2B) are left out.
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
        for place, lines in cursor.fetchall():
            answers[place - 1] = _charges(json.loads(lines))
    return answers


def _charges(lines: Sequence[dict[str, str]]) -> tuple[DeliveryCharge, ...]:
    return tuple(
        DeliveryCharge(
            code=line["code"], label=line["label"], amount_usd=Decimal(line["amount_usd"])
        )
        for line in lines
        if line["is_passed_on"]
    )
