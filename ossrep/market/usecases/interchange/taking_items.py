"""A batch of sets from rows to outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.market.models import InboundGroup
from ossrep.market.usecases.interchange.advising import queue_advice
from ossrep.market.usecases.interchange.alarms import alarm_items
from ossrep.market.usecases.interchange.applying import apply_items
from ossrep.market.usecases.interchange.items import Item
from ossrep.market.usecases.interchange.numbers import settle_released, settle_repeats
from ossrep.market.usecases.interchange.recording import record_outcomes
from ossrep.market.usecases.interchange.taken import FileInHand
from ossrep.market.usecases.interchange.waiting import retry_parked


def take_items(*, file: FileInHand, stored: InboundGroup, items: Sequence[Item]) -> None:
    """Applies recorded sets of a group, writes their outcomes and lets others go on.

    In the caller's transaction. Sets of a group without a registered partner have theirs.
    """
    partner = stored.partner
    if partner is not None:
        for item in items:
            item.partner = partner.code
            item.received_at = file.work.file.received_at
        settle_repeats(items=items)
        apply_items(items=items, find_handler=file.find_handler)
        settle_released(items=items)
        queue_advice(items=items, partner=partner, now=file.now)
    outcomes = ((item.set_id, 1, item.outcome) for item in items if item.outcome is not None)
    record_outcomes(outcomes=outcomes, decided_at=file.now)
    alarm_items(items=items, group=stored, now=file.now)
    file.taken.count(items)
    retry_parked(items=items, now=file.now, find_handler=file.find_handler)
