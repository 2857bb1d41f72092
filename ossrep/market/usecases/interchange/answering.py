"""What a sender is told: 997 for each group, TA1 where it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.market.edi.x12.acknowledging import SetOutcome, build_997, build_ta1
from ossrep.market.edi.x12.model import Group, Interchange
from ossrep.market.models import (
    InboundGroup,
    MarketIdentity,
    OutboundInterchange,
    OutboundMessage,
    TradingPartner,
)
from ossrep.market.usecases.interchange.items import FUNCTIONAL_ID_OF_997
from ossrep.market.usecases.interchange.outbound import queue_segments


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Who of us answers whom."""

    identity: MarketIdentity
    partner: TradingPartner


def queue_997(
    *,
    stored: InboundGroup,
    group: Group,
    outcomes: Sequence[SetOutcome],
    between: Correspondent,
    is_refused: bool,
    now: dt.datetime,
) -> None:
    """Queues the 997 of a group, in the transaction that holds the outcomes of its sets."""
    answer = build_997(group=group, outcomes=outcomes, control_number="0001", is_refused=is_refused)
    queue_segments(
        message=OutboundMessage(
            partner=between.partner,
            identity=between.identity,
            functional_id=FUNCTIONAL_ID_OF_997,
            kind="997",
            reference=f"{group.functional_id[:4]}{group.control_number[:14]}",
            segments=list(answer.segments),
            answers=stored,
            answers_file_id=stored.file_id,
            queued_at=now,
        )
    )


def queue_ta1(
    *, interchange: Interchange, file_id: int, between: Correspondent, now: dt.datetime
) -> None:
    """Queues the TA1 that an interchange asked for (ISA14)."""
    queue_segments(
        message=OutboundMessage(
            partner=between.partner,
            identity=between.identity,
            functional_id="",
            kind="TA1",
            reference=interchange.control_number[:14],
            segments=[build_ta1(interchange)],
            answers_file_id=file_id,
            queued_at=now,
        )
    )


def send_answers_again(*, file_id: int, now: dt.datetime) -> int:
    """Hands the acknowledgments of a file over once more, same bytes and numbers; how many.

    For content that came a second time: its sender has not seen our answer.
    """
    answered = OutboundInterchange.objects.select_for_update().filter(
        pk__in=OutboundInterchange.objects.filter(
            placements__message__answers_file=file_id,
            placements__message__kind__in=["997", "TA1"],
        ).values("pk"),
        state="sent",
    )
    count = 0
    for interchange in answered.order_by("pk"):
        interchange.state = "written"
        interchange.save(update_fields=["state"])
        count += 1
    return count
