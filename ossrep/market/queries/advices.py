"""What we have refused by 824."""

from __future__ import annotations

from collections.abc import Iterator

from ossrep.market.models import OutboundMessage

DUPLICATE = "ABN"
"""This one is about another document of the same number, which came after it."""


def was_refused_after_taking(*, reference: str, esi_id: str) -> bool:
    """Whether an 824 went out about a document that had been taken (``market send-824``)."""
    advices = OutboundMessage.objects.filter(
        kind="824", original_reference=reference, esi_id=esi_id
    )
    return any(DUPLICATE not in set(_codes(advice)) for advice in advices)


def _codes(advice: OutboundMessage) -> Iterator[str]:
    for segment in advice.segments:
        if segment[:2] == ["REF", "7G"]:
            yield segment[2]
