"""ESI IDs of the book, and account numbers by number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from ossrep.customer.db import rows
from ossrep.kernel.identifiers import AccountId, EsiId, TdspCode


def find_known_esi_ids(*, esi_ids: Collection[str]) -> frozenset[EsiId]:
    """Those of the given ESI IDs that some premises has; one query."""
    found = rows("SELECT esi_id FROM premises WHERE esi_id = ANY(%s)", [list(esi_ids)])
    return frozenset(row[0] for row in found)


def list_esi_ids(*, read_cycle: str | None, served_on: dt.date) -> Sequence[tuple[EsiId, TdspCode]]:
    """ESI IDs (with TDSP) that a contract serves on a local date, sorted."""
    found = rows(
        "SELECT p.esi_id, p.tdsp_code FROM premises p JOIN contract k ON k.premises_id = p.id "
        "WHERE k.status IN ('active', 'ended') AND k.start_date <= %(day)s "
        "AND (k.end_date IS NULL OR k.end_date > %(day)s) "
        "AND (%(cycle)s::text IS NULL OR p.read_cycle = %(cycle)s) "
        'ORDER BY p.esi_id COLLATE "C"',
        {"cycle": read_cycle, "day": served_on},
    )
    return [(esi_id, tdsp_code) for esi_id, tdsp_code in found]


def find_account_ids(*, account_numbers: Collection[str]) -> Mapping[str, AccountId]:
    """Account number to id; unknown numbers are left out."""
    found = rows("SELECT number, id FROM account WHERE number = ANY(%s)", [list(account_numbers)])
    return dict(found)


def find_account_numbers(*, esi_ids: Collection[str], served_on: dt.date) -> Mapping[EsiId, str]:
    """ESI ID to the number of the account served on a local date, or last served before; one query.

    ESI IDs that nobody was served at by then are left out.
    """
    found = rows(
        "SELECT DISTINCT ON (p.esi_id) p.esi_id, a.number FROM premises p "
        "JOIN contract k ON k.premises_id = p.id JOIN account a ON a.id = k.account_id "
        "WHERE p.esi_id = ANY(%s) AND k.status IN ('active', 'ended') AND k.start_date <= %s "
        "ORDER BY p.esi_id, k.start_date DESC, k.id DESC",
        [list(esi_ids), served_on],
    )
    return dict(found)
