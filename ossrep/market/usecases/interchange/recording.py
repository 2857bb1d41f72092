"""Rows of sets and outcomes, written many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from ossrep.market.db import connection
from ossrep.market.models import InboundGroup
from ossrep.market.usecases.interchange.items import TEXT_CHARS_MAX, Item, clean
from ossrep.market.usecases.receiving import Outcome

_IDS = """
    SELECT nextval(pg_get_serial_sequence('inbound_set', 'id')) FROM generate_series(1, %s)
"""
_SETS = """
    COPY inbound_set (id, group_id, file_id, partner_id, place, code, control_number, kind,
                      reference, original_reference, esi_id, tdsp_duns, raw_offset, raw_length,
                      body_sha256, received_at) FROM STDIN
"""
_OUTCOMES = """
    COPY inbound_outcome (inbound_set_id, number, state, code, text, decided_at) FROM STDIN
"""
_PARKED = """
    INSERT INTO parked_set (inbound_set_id, esi_id, kind, parked_at)
    SELECT s.id, s.esi_id, s.kind, %s FROM inbound_set s WHERE s.id = ANY(%s)
    ON CONFLICT (inbound_set_id) DO UPDATE SET settled_at = NULL
"""
_CLAIM = """
    INSERT INTO business_number (partner, tdsp_duns, kind, reference, inbound_set_id)
    SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (partner, tdsp_duns, kind, reference) DO NOTHING
    RETURNING inbound_set_id
"""
_HOLDERS = """
    SELECT k.id, b.inbound_set_id, s.body_sha256, s.received_at
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
         AS k (tdsp_duns, kind, reference, id)
    JOIN business_number b USING (tdsp_duns, kind, reference)
    JOIN inbound_set s ON s.id = b.inbound_set_id
    WHERE b.partner = %s
"""
_RELEASE = "DELETE FROM business_number WHERE inbound_set_id = ANY(%s)"

Holder = tuple[int, bytes, dt.datetime]
"""The set that has a business number, the hash of its body, and when it came."""


def record_sets(*, group: InboundGroup, items: Sequence[Item], received_at: dt.datetime) -> None:
    """Writes the sets of a group and gives each item its row's id."""
    if not items:
        return
    with connection().cursor() as cursor:
        cursor.execute(_IDS, [len(items)])
        for item, (set_id,) in zip(items, cursor.fetchall(), strict=True):
            item.set_id = set_id
        with cursor.copy(_SETS) as copy:
            for item in items:
                copy.write_row(_set_row(group, item, received_at))


def _set_row(group: InboundGroup, item: Item, received_at: dt.datetime) -> tuple[object, ...]:
    return (
        *(item.set_id, group.pk, group.file_id, group.partner_id, item.place),
        *(item.code, item.control_number, item.kind),
        *(item.reference, item.original_reference, item.esi_id, item.tdsp_duns),
        *(item.offset, item.length, item.body_sha256, received_at),
    )


def record_outcomes(
    *, outcomes: Iterable[tuple[int, int, Outcome]], decided_at: dt.datetime
) -> None:
    """Writes outcomes: (set, number of the outcome, what it is); parks what waits."""
    parked = []
    with connection().cursor() as cursor:
        with cursor.copy(_OUTCOMES) as copy:
            for set_id, number, outcome in outcomes:
                text = clean(outcome.text, TEXT_CHARS_MAX)
                code = clean(outcome.code, 40)
                copy.write_row((set_id, number, outcome.state, code, text, decided_at))
                if outcome.state == "parked":
                    parked.append(set_id)
        if parked:
            cursor.execute(_PARKED, [decided_at, parked])


def claim_numbers(*, partner: str, items: Sequence[Item]) -> Mapping[int, Holder]:
    """Claims the items' business numbers; for those that others have: set to holder.

    Within one call the first set of a number gets it. Sorted, so that two receivers do not wait
    for each other in a circle.
    """
    numbered = sorted(
        (item for item in items if item.reference),
        key=lambda item: (item.tdsp_duns, item.kind, item.reference, item.set_id),
    )
    if not numbered:
        return {}
    with connection().cursor() as cursor:
        cursor.execute(_CLAIM, [partner, *_columns(numbered)])
        claimed = {row[0] for row in cursor.fetchall()}
        others = [item for item in numbered if item.set_id not in claimed]
        if not others:
            return {}
        cursor.execute(_HOLDERS, [*_columns(others), partner])
        return {row[0]: (row[1], bytes(row[2]), row[3]) for row in cursor.fetchall()}


def _columns(items: Sequence[Item]) -> tuple[list[str], list[str], list[str], list[int]]:
    return (
        [item.tdsp_duns for item in items],
        [item.kind for item in items],
        [item.reference for item in items],
        [item.set_id for item in items],
    )


def release_numbers(*, set_ids: Sequence[int]) -> None:
    """Gives the numbers of refused sets back: they had no effect."""
    if set_ids:
        with connection().cursor() as cursor:
            cursor.execute(_RELEASE, [list(set_ids)])
