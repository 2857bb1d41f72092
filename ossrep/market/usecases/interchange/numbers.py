"""One effect for each business number of a sender, in however many envelopes it comes."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.market.usecases.interchange.items import Item
from ossrep.market.usecases.interchange.recording import claim_numbers, release_numbers
from ossrep.market.usecases.receiving import Outcome

REPEATED = "number_repeated"
REUSED = "number_reused"


def settle_repeats(*, items: Sequence[Item]) -> None:
    """Rejects the items whose number has had its effect; with another content it is an alarm."""
    fresh = [item for item in items if item.outcome is None and item.transaction is not None]
    for partner in sorted({item.partner for item in fresh}):
        _settle_repeats_of(partner, [item for item in fresh if item.partner == partner])


def _settle_repeats_of(partner: str, items: Sequence[Item]) -> None:
    taken = claim_numbers(partner=partner, items=items)
    for item in items:
        holder = taken.get(item.set_id)
        if holder is None or holder[0] == item.set_id:
            continue
        set_id, digest, since = holder
        is_same = digest == item.body_sha256
        came = f"{item.kind} {item.reference} came as set {set_id} on {since:%Y-%m-%d %H:%M} UTC"
        text = f"{came} with {'the same' if is_same else 'another'} content; no effect this time"
        code = REPEATED if is_same else REUSED
        item.settle(Outcome(state="rejected", code=code, text=text), needs_person=not is_same)


def settle_released(*, items: Sequence[Item]) -> None:
    """Gives the numbers of what was rejected back: corrected, it may have its effect."""
    release_numbers(
        set_ids=[
            item.set_id
            for item in items
            if item.outcome is not None and item.outcome.state == "rejected" and item.reference
        ]
    )
