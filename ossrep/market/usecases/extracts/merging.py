"""The SQL that brings staged rows of an extract into the registry: new ones, then changed ones.

What a row says wins where nothing newer was told. Rows with words of other sources (``told``) are
compared field by field, the others as a whole. Rows that tell nothing new are not written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from ossrep.market.domain.esi_id_extract import NULLABLE, STAGED
from ossrep.market.domain.service_points import EXTRACT, EXTRACT_FIELDS, told_at

_TYPES = {"house_number": "integer", **{n: "boolean" for n in NULLABLE if n != "house_number"}}
_KEYS = ("house_number", "street_start", "street_end")
_UNTOLD = ("load_profile", "rate_class", "rate_subclass", "loss_factor", "special_needs_status")
_XID = "(SELECT pg_current_xact_id()::text::bigint)"

# Temporary tables are not logged, are seen by this connection alone and vanish with it, so that a
# killed import leaves nothing behind.
STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS staged_point ("
    + ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in STAGED)
    + ") ON COMMIT DELETE ROWS"
)
MET = "CREATE TEMPORARY TABLE IF NOT EXISTS met_point (place tid, id bigint) ON COMMIT DELETE ROWS"
EMPTY = "TRUNCATE pg_temp.staged_point, pg_temp.met_point"
COPY = f"COPY pg_temp.staged_point ({', '.join(STAGED)}) FROM STDIN"

_CONSTANT = (
    *(*_UNTOLD, "meter_numbers", "told", "tdsp_code"),
    *("extract_at", "changed_at", "changed_xid"),
)
_STRAIGHT = f"COPY service_point ({', '.join((*STAGED, *_CONSTANT))}) FROM STDIN"
_ANY_BETWEEN = "SELECT EXISTS (SELECT FROM service_point WHERE esi_id BETWEEN %s AND %s)"
_ANY_KNOWN = "SELECT EXISTS (SELECT FROM service_point WHERE esi_id = ANY(%s))"
_INSERT = f"""
    WITH added AS (
        INSERT INTO service_point (
            tdsp_code, {", ".join(STAGED)}, {", ".join(_UNTOLD)}, meter_numbers, told,
            extract_at, changed_at, changed_xid)
        SELECT %(tdsp)s, {", ".join(f"s.{name}" for name in STAGED)},
            {", ".join("''" for _ in _UNTOLD)}, '[]', '{{}}', %(at)s, %(now)s, {_XID}
        FROM pg_temp.met_point m JOIN pg_temp.staged_point s ON s.ctid = m.place
        WHERE m.id IS NULL
        ORDER BY s.esi_id
        RETURNING esi_id)
    SELECT count(*), coalesce(array_agg(esi_id) FILTER (WHERE esi_id = ANY(%(ours)s)), '{{}}')
    FROM added
"""  # noqa: S608


def _staged(name: str) -> str:
    return "%(tdsp)s" if name == "tdsp_code" else f"s.{name}"


def _keeps(name: str) -> str:
    """True where another source told the field later (of two at once the later name)."""
    mark = f"p.told->'{name}'"
    return (
        f"p.told ? '{name}' AND (({mark}->>'at') COLLATE \"C\", ({mark}->>'source') COLLATE \"C\") "
        f"> (%(told_at)s, '{EXTRACT}')"
    )


def _newest(name: str) -> str:
    return f"CASE WHEN {_keeps(name)} THEN p.{name} ELSE {_staged(name)} END"


def _newest_key(name: str) -> str:
    return f"CASE WHEN {_keeps('street')} THEN p.{name} ELSE s.{name} END"


def _list(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def _differs(says: Callable[[str], str]) -> str:
    before = _list([f"p.{name}" for name in EXTRACT_FIELDS])
    after = _list([says(name) for name in EXTRACT_FIELDS])
    return f"(p.deleted_at IS NOT NULL OR ({before}) IS DISTINCT FROM ({after}))"


def _update(*, which: str, differs: str, sets: Sequence[str]) -> str:
    # Locked in the order of the ESI IDs, as all who write several do.
    return f"""
        WITH due AS MATERIALIZED (
            SELECT p.id, s.ctid AS place, {differs} AS differs
            FROM pg_temp.met_point m
            JOIN pg_temp.staged_point s ON s.ctid = m.place
            JOIN service_point p ON p.id = m.id
            WHERE (p.extract_at IS NULL OR p.extract_at <= %(at)s)
              AND (p.deleted_at IS NULL OR p.deleted_at < %(at)s)
              AND {which}
            ORDER BY p.esi_id FOR UPDATE OF p),
        written AS (
            UPDATE service_point p SET
                {_list(sets)},
                extract_at = %(at)s, deleted_at = NULL, changed_xid = {_XID},
                changed_at = CASE WHEN due.differs THEN %(now)s ELSE p.changed_at END
            FROM due JOIN pg_temp.staged_point s ON s.ctid = due.place
            WHERE p.id = due.id
            RETURNING p.esi_id, due.differs)
        SELECT count(*) FILTER (WHERE differs),
               coalesce(array_agg(esi_id) FILTER (WHERE differs AND esi_id = ANY(%(ours)s)), '{{}}')
        FROM written
    """  # noqa: S608


_TOUCHED = "(%(touches)s AND p.extract_at IS DISTINCT FROM %(at)s)"
_OVERTAKEN = _list([f"CASE WHEN NOT ({_keeps(name)}) THEN '{name}' END" for name in EXTRACT_FIELDS])
_HAS_OVERTAKEN = (
    f"EXISTS (SELECT FROM unnest(ARRAY[{_OVERTAKEN}]) AS n (name) WHERE p.told ? n.name)"
)
_DIFFERS, _DIFFERS_BY_FIELD = _differs(_staged), _differs(_newest)
# One look at the registry for the insert and both updates, which then touch only what may have to
# be written. The count is of new rows.
_MEET = f"""
    WITH met AS (
        INSERT INTO pg_temp.met_point (place, id)
        SELECT s.ctid, p.id
        FROM pg_temp.staged_point s LEFT JOIN service_point p ON p.esi_id = s.esi_id
        WHERE p.id IS NULL OR (
            (p.extract_at IS NULL OR p.extract_at <= %(at)s)
            AND (p.told <> '{{}}' OR {_TOUCHED} OR {_DIFFERS}))
        RETURNING id)
    SELECT count(*), count(id) FROM met
"""  # noqa: S608
_UPDATES = (
    _update(
        which=f"p.told = '{{}}' AND ({_TOUCHED} OR {_DIFFERS})",
        differs=_DIFFERS,
        sets=[
            *(f"{name} = {_staged(name)}" for name in EXTRACT_FIELDS),
            *(f"{name} = s.{name}" for name in _KEYS),
        ],
    ),
    _update(
        which=f"p.told <> '{{}}' AND ({_TOUCHED} OR {_DIFFERS_BY_FIELD} OR {_HAS_OVERTAKEN})",
        differs=_DIFFERS_BY_FIELD,
        sets=[
            *(f"{name} = {_newest(name)}" for name in EXTRACT_FIELDS),
            *(f"{name} = {_newest_key(name)}" for name in _KEYS),
            f"told = p.told - array_remove(ARRAY[{_OVERTAKEN}], NULL)",
        ],
    ),
)


class MadeMeanwhile(Exception):
    """Somebody else made a point that was none at the first look: roll back, do it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """How many rows were new and how many changed, and which of ours."""

    added: int
    changed: int
    added_ours: Sequence[str]
    changed_ours: Sequence[str]


def merge(
    cursor: CursorWrapper,
    *,
    copy_text: str,
    esi_ids: Sequence[str],
    tdsp_code: str,
    effective_at: dt.datetime,
    touches: bool,
    ours: Sequence[str],
    now: dt.datetime,
) -> Merged:
    """Brings rows into the registry, in the caller's transaction.

    Rows come sorted by ESI ID, so that the server has little to sort. ``touches``: also rows that
    say nothing new are marked as said at ``effective_at``; for files of which nobody can tell
    later whether a row was in them (DAILY). Raises MadeMeanwhile.
    """
    values: dict[str, Any] = {
        "tdsp": tdsp_code,
        "at": effective_at,
        "told_at": told_at(effective_at),
        "touches": touches,
        "ours": list(ours),
        "now": now,
    }
    try:
        if _all_are_new(cursor, esi_ids):
            _copy_straight(cursor, copy_text, values)
            return Merged(added=len(esi_ids), changed=0, added_ours=list(ours), changed_ours=[])
        return _merge_staged(cursor, copy_text, values)
    except (IntegrityError, UniqueViolation) as error:
        # COPY's errors come from the driver as they are.
        if not isinstance(error, UniqueViolation) and not isinstance(
            error.__cause__, UniqueViolation
        ):
            raise
        raise MadeMeanwhile from error


def _merge_staged(cursor: CursorWrapper, copy_text: str, values: Mapping[str, Any]) -> Merged:
    cursor.execute(STAGE)
    cursor.execute(MET)
    cursor.execute(EMPTY)
    with cursor.copy(COPY) as copy:
        copy.write(copy_text)
    cursor.execute(_MEET, values)
    met, known = cursor.fetchone()
    added, added_ours = _written(cursor, [_INSERT] if met > known else [], values)
    changed, changed_ours = _written(cursor, _UPDATES if known else [], values)
    return Merged(added=added, changed=changed, added_ours=added_ours, changed_ours=changed_ours)


def _all_are_new(cursor: CursorWrapper, esi_ids: Sequence[str]) -> bool:
    """Whether the registry has none of these, which are sorted."""
    if not esi_ids:
        return True
    cursor.execute(_ANY_BETWEEN, [esi_ids[0], esi_ids[-1]])
    if not cursor.fetchone()[0]:
        return True
    cursor.execute(_ANY_KNOWN, [list(esi_ids)])
    return not cursor.fetchone()[0]


def _copy_straight(cursor: CursorWrapper, copy_text: str, values: Mapping[str, Any]) -> None:
    """Without a stage: half of the server's work."""
    cursor.execute(f"SELECT {_XID}")
    (xid,) = cursor.fetchone()
    told = {
        **dict.fromkeys(_UNTOLD, ""),
        "meter_numbers": "[]",
        "told": "{}",
        "tdsp_code": values["tdsp"],
        "extract_at": values["at"].isoformat(),
        "changed_at": values["now"].isoformat(),
        "changed_xid": xid,
    }
    end = "".join(f"\t{told[name]}" for name in _CONSTANT) + "\n"
    with cursor.copy(_STRAIGHT) as copy:
        copy.write(copy_text.replace("\n", end))


def _written(
    cursor: CursorWrapper, statements: Sequence[str], values: Mapping[str, Any]
) -> tuple[int, list[str]]:
    total, ours = 0, []
    for statement in statements:
        cursor.execute(statement, values)
        count, esi_ids = cursor.fetchone()
        total += count
        ours += esi_ids
    return total, ours
