"""Parked sets are tried again when something of their ESI ID was applied, or by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import InboundOutcome, InboundSet, ParkedSet
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.advising import queue_advice
from ossrep.market.usecases.interchange.applying import NO_HANDLER, FindHandler, apply_items
from ossrep.market.usecases.interchange.items import NOT_READ, UNEXPECTED, Item
from ossrep.market.usecases.interchange.numbers import settle_released, settle_repeats
from ossrep.market.usecases.interchange.recording import record_outcomes
from ossrep.market.usecases.interchange.rereading import reread
from ossrep.market.usecases.receiving import Outcome
from ossrep.market.usecases.work_items import resolve_by_key

SETS_PER_RETRY_MAX = 1_000
ROUNDS_MAX = 5
FOR_A_PERSON = (NO_HANDLER, NOT_READ, UNEXPECTED)
"""Reasons that news of the ESI ID do not remove."""
LAID_ASIDE = "laid_aside"


class NotParked(DomainError):
    """A set that does not wait."""

    code = "not_parked"


def retry_parked(
    *,
    items: Sequence[Item],
    now: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
) -> int:
    """Tries sets that wait again, where one of these applied an effect to their ESI ID.

    In the caller's transaction; how many no longer wait. What one retry applies can let another
    go on, so it is repeated while something moves.
    """
    esi_ids = {i.esi_id for i in items if i.outcome and i.outcome.state == "applied" and i.esi_id}
    moved = 0
    for _ in range(ROUNDS_MAX):
        if not esi_ids:
            break
        waiting = _lock(ParkedSet.objects.filter(settled_at=None, esi_id__in=esi_ids))
        waiting = [row for row in waiting if _last(row).code not in FOR_A_PERSON]
        changed = _retry(waiting, now, find_handler) if waiting else 0
        moved += changed
        if not changed:
            break
    return moved


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
            rows = _lock(ParkedSet.objects.filter(pk=set_id, settled_at=None))
            if not rows:
                raise NotParked("does not wait", where=f"set {set_id}")
            moved += _retry(rows, now, find_handler)
    return moved


def lay_aside(*, set_id: int, reason: str, now: dt.datetime) -> None:
    """Rejects a parked set by hand, with the reason. Raises ``NotParked``."""
    with transaction():
        rows = _lock(ParkedSet.objects.filter(pk=set_id, settled_at=None))
        if not rows:
            raise NotParked("does not wait", where=f"set {set_id}")
        outcome = Outcome(state="rejected", code=LAID_ASIDE, text=reason)
        _settle(rows[0], outcome, _last(rows[0]), now)


def _lock(rows: object) -> list[ParkedSet]:
    found = rows.select_for_update(of=("self",)).select_related(  # type: ignore[attr-defined]
        "inbound_set__group__interchange", "inbound_set__partner", "inbound_set__file"
    )
    return list(found.order_by("pk")[:SETS_PER_RETRY_MAX])


def _last(row: ParkedSet) -> InboundOutcome:
    return InboundOutcome.objects.filter(inbound_set_id=row.pk).order_by("-number")[0]


def _retry(rows: Sequence[ParkedSet], now: dt.datetime, find_handler: FindHandler) -> int:
    moved = 0
    for row in rows:
        stored: InboundSet = row.inbound_set
        if stored.partner is None:
            continue
        item = reread(stored=stored)
        settle_repeats(items=[item], partner=stored.partner.code)
        apply_items(
            items=[item],
            partner=stored.partner.code,
            received_at=stored.received_at,
            find_handler=find_handler,
        )
        assert item.outcome is not None
        last = _last(row)
        if (item.outcome.state, item.outcome.code) == (last.state, last.code):
            continue
        settle_released(items=[item])
        queue_advice(items=[item], partner=stored.partner, now=now)
        _settle(row, item.outcome, last, now)
        moved += item.outcome.state != "parked"
    return moved


def _settle(row: ParkedSet, outcome: Outcome, last: InboundOutcome, now: dt.datetime) -> None:
    numbers = InboundOutcome.objects.filter(inbound_set_id=row.pk).aggregate(last=Max("number"))
    record_outcomes(outcomes=[(row.pk, numbers["last"] + 1, outcome)], decided_at=now)
    if outcome.state == "parked":
        return
    row.settled_at = now
    row.save(update_fields=["settled_at"])
    resolve_by_key(
        kind=f"set_{last.code}",
        key=f"set {row.pk}",
        resolution=f"{outcome.state}: {outcome.text or outcome.code}",
        now=now,
    )
