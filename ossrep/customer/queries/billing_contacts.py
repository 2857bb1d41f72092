"""Whom the bills of served ESI IDs go to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ossrep.customer.db import rows
from ossrep.kernel.identifiers import EsiId
from ossrep.published.customer import Address, BillingContact

# The contact of the account comes before one of the whole customer, one with a phone before all.
_CONTACTS = """
    SELECT DISTINCT ON (p.esi_id COLLATE "C")
           p.esi_id, a.number, a.brand_id,
           CASE c.type WHEN 'business' THEN '' ELSE c.first_name END,
           CASE c.type WHEN 'business' THEN '' ELSE c.last_name END,
           CASE c.type WHEN 'business' THEN c.business_name ELSE '' END,
           CASE c.type WHEN 'business' THEN coalesce(x.name, '') ELSE '' END,
           CASE WHEN a.bill_to_name IN (c.business_name, btrim(c.first_name || ' ' || c.last_name))
                THEN '' ELSE a.bill_to_name END,
           coalesce(x.phone, ''), coalesce(nullif(a.email, ''), x.email, ''),
           a.mailing_line1, a.mailing_line2, a.mailing_city, a.mailing_state, a.mailing_zip
    FROM contract k
    JOIN premises p ON p.id = k.premises_id
    JOIN account a ON a.id = k.account_id
    JOIN customer c ON c.id = a.customer_id
    LEFT JOIN LATERAL (
        SELECT o.name, o.phone, o.email FROM contact o
        WHERE o.customer_id = a.customer_id AND (o.account_id = a.id OR o.account_id IS NULL)
          AND o.role IN ('billing', 'primary')
        ORDER BY o.phone = '', o.account_id NULLS LAST, o.role, o.id LIMIT 1) x ON true
    WHERE k.status IN ('active', 'ended') AND k.start_date <= %(day)s
      AND (k.end_date IS NULL OR k.end_date > %(day)s)
      AND {which}
    ORDER BY p.esi_id COLLATE "C", k.start_date DESC, k.id DESC
    LIMIT %(limit)s
"""
_NEXT = _CONTACTS.format(which='p.esi_id COLLATE "C" > %(after)s')
_NAMED = _CONTACTS.format(which="p.esi_id = ANY(%(esi_ids)s)")


def list_billing_contacts(
    *, served_on: dt.date, after: str, limit: int
) -> Sequence[BillingContact]:
    """The next page of contacts by ESI ID; one query."""
    found = rows(_NEXT, {"day": served_on, "after": after, "limit": limit})
    return [_contact(row) for row in found]


def find_billing_contacts(
    *, esi_ids: Collection[str], served_on: dt.date
) -> Mapping[EsiId, BillingContact]:
    """Contacts of the ESI IDs that are served on the date; one query."""
    wanted = list(esi_ids)
    found = rows(_NAMED, {"day": served_on, "esi_ids": wanted, "limit": len(wanted)})
    return {row[0]: _contact(row) for row in found}


def _contact(row: Sequence[Any]) -> BillingContact:
    return BillingContact(
        esi_id=row[0],
        account_number=row[1],
        brand_id=row[2],
        first_name=row[3],
        last_name=row[4],
        company_name=row[5],
        contact_name=row[6],
        care_of=row[7],
        phone=row[8],
        email=row[9],
        address=Address(*row[10:15]),
    )
