"""Parked sets are tried again when what they wait for may have come, or by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.models import InboundSet, ParkedSet, WorkItem
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.advising import queue_advice
from ossrep.market.usecases.interchange.applying import NO_HANDLER, FindHandler, apply_items
from ossrep.market.usecases.interchange.items import NOT_READ, UNEXPECTED, Item
from ossrep.market.usecases.interchange.numbers import settle_released, settle_repeats
from ossrep.market.usecases.interchange.recording import record_outcomes
from ossrep.market.usecases.interchange.rereading import reread_sets
from ossrep.market.usecases.receiving import WAITS_FOR_DOCUMENT, Outcome
from ossrep.market.usecases.work_items import resolve_by_key

SETS_PER_RETRY_MAX = 1_000
ROUNDS_MAX = 5
FOR_A_PERSON = (NO_HANDLER, NOT_READ, UNEXPECTED)
"""Reasons that news of the ESI ID do not remove."""
LAID_ASIDE = "laid_aside"
WAITED_TOO_LONG = "document_waits"
"""Kind of the work item that a correction expires to."""

_LAST = """
    SELECT p.inbound_set_id, last.number, last.state, last.code
    FROM parked_set p JOIN inbound_set s ON s.id = p.inbound_set_id
    CROSS JOIN LATERAL (
        SELECT o.number, o.state, o.code FROM inbound_outcome o
        WHERE o.inbound_set_id = p.inbound_set_id ORDER BY o.number DESC LIMIT 1) AS last
    WHERE p.settled_at IS NULL AND s.partner_id IS NOT NULL
"""
_ORDER = " ORDER BY p.inbound_set_id LIMIT %(most)s FOR UPDATE OF p"
_BY_NEWS = """
    AND p.esi_id = ANY(%(esi_ids)s) AND last.code <> ALL(%(for_a_person)s)
    AND (last.code <> %(waits)s OR s.original_reference = ANY(%(references)s))
"""
_BY_ID = " AND p.inbound_set_id = ANY(%(set_ids)s)"


class NotParked(DomainError):
    """A set that does not wait."""

    code = "not_parked"


@dataclass(frozen=True, slots=True)
class _Last:
    """The last outcome of a set that waits."""

    set_id: int
    number: int
    state: str
    code: str


def retry_parked(
    *,
    items: Sequence[Item],
    now: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
) -> int:
    """Tries sets that wait again, where one of these that came is what they may wait for.

    In the caller's transaction; how many no longer wait. What one retry moves can let another
    go on, so it is repeated while something moves.
    """
    news: Sequence[Item] = items
    moved = 0
    for _ in range(ROUNDS_MAX):
        waiting = _lock_by_news([item for item in news if _is_news(item)])
        news = _retry(waiting, now, find_handler) if waiting else []
        moved += len(news)
        if not news:
            break
    return moved


def _is_news(item: Item) -> bool:
    """Its handler has seen it; a refused original lets its cancel go on, too."""
    is_decided = item.outcome is not None and item.outcome.state != "parked"
    return is_decided and item.was_handled and bool(item.esi_id)


def reprocess_sets(
    *,
    set_ids: Sequence[int],
    now: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
) -> int:
    """Processes parked sets once more, each in a transaction of its own; how many moved on.

    Raises ``NotParked`` for a set that does not wait.
    """
    moved = 0
    for set_id in set_ids:
        with transaction():
            moved += len(_retry([_lock_one(set_id)], now, find_handler))
    return moved


def lay_aside(*, set_id: int, reason: str, now: dt.datetime) -> None:
    """Rejects a parked set by hand, with the reason. Raises ``NotParked``."""
    with transaction():
        last = _lock_one(set_id)
        _settle([(last, Outcome(state="rejected", code=LAID_ASIDE, text=reason))], now)


def _lock_one(set_id: int) -> _Last:
    found = _lock(_BY_ID, {"set_ids": [set_id]})
    if not found:
        raise NotParked("does not wait", where=f"set {set_id}")
    return found[0]


def _lock_by_news(news: Sequence[Item]) -> list[_Last]:
    if not news:
        return []
    references = {item.reference for item in news} | {item.original_reference for item in news}
    values = {
        "esi_ids": sorted({item.esi_id for item in news}),
        "references": sorted(references - {""}),
        "for_a_person": list(FOR_A_PERSON),
        "waits": WAITS_FOR_DOCUMENT,
    }
    return _lock(_BY_NEWS, values)


def _lock(condition: str, values: Mapping[str, Any]) -> list[_Last]:
    with connection().cursor() as cursor:
        cursor.execute(_LAST + condition + _ORDER, {**values, "most": SETS_PER_RETRY_MAX})
        return [_Last(*row) for row in cursor.fetchall()]


def _retry(waiting: Sequence[_Last], now: dt.datetime, find_handler: FindHandler) -> list[Item]:
    """Processes sets once more; those that wait no longer."""
    sets = InboundSet.objects.select_related("group__interchange", "partner")
    stored = sets.in_bulk([last.set_id for last in waiting])
    items = reread_sets(stored=[stored[last.set_id] for last in waiting])
    settle_repeats(items=items)
    apply_items(items=items, find_handler=find_handler)
    changed = [
        (item, last)
        for item, last in zip(items, waiting, strict=True)
        if item.outcome and (item.outcome.state, item.outcome.code) != (last.state, last.code)
    ]
    settle_released(items=[item for item, _ in changed])
    for _, run in groupby(changed, key=lambda pair: stored[pair[0].set_id].partner_id):
        together = [item for item, _ in run]
        partner = stored[together[0].set_id].partner
        assert partner is not None
        queue_advice(items=together, partner=partner, now=now)
    _settle([(last, item.outcome) for item, last in changed if item.outcome], now)
    return [item for item, _ in changed if item.outcome and item.outcome.state != "parked"]


def _settle(settled: Sequence[tuple[_Last, Outcome]], now: dt.datetime) -> None:
    if not settled:
        return
    rows = [(last.set_id, last.number + 1, outcome) for last, outcome in settled]
    record_outcomes(outcomes=rows, decided_at=now)
    done = {last.set_id: (last, outcome) for last, outcome in settled if outcome.state != "parked"}
    ParkedSet.objects.filter(pk__in=list(done)).update(settled_at=now)
    keys = [f"set {set_id}" for set_id in done]
    kinds = {WAITED_TOO_LONG, *(f"set_{last.code}" for last, _ in done.values())}
    asked = WorkItem.objects.filter(key__in=keys, kind__in=kinds, state="open")
    for kind, key in asked.values_list("kind", "key"):
        last, outcome = done[int(key.removeprefix("set "))]
        if kind in (WAITED_TOO_LONG, f"set_{last.code}"):
            resolution = f"{outcome.state}: {outcome.text or outcome.code}"
            resolve_by_key(kind=kind, key=key, resolution=resolution, now=now)
