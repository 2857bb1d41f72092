"""What partners say of our groups and interchanges: 997 and TA1 that come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.acknowledging import GroupAnswer, read_997, read_ta1
from ossrep.market.edi.x12.model import Interchange, TransactionSet
from ossrep.market.models import Acknowledgment, OutboundGroup, OutboundInterchange, TradingPartner
from ossrep.market.usecases.interchange.items import NOT_READ, Item, clean, told
from ossrep.market.usecases.receiving import Outcome
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key

ACCEPTED = "A"
NOT_ACKNOWLEDGED = "not_acknowledged"
REFUSED_BY_PARTNER = "refused_by_partner"
UNKNOWN_GROUP = "unknown_group"


def take_997s(
    *,
    items: Sequence[Item],
    sets: Sequence[TransactionSet],
    partner: TradingPartner,
    receiver: str,
    now: dt.datetime,
) -> None:
    """Marks our groups by the 997s of a group of acknowledgments; gives each item its outcome.

    ``receiver`` is the ISA id of ours that the interchange went to.
    """
    for item, found in zip(items, sets, strict=True):
        item.kind = "997"
        if item.outcome is not None:
            continue
        try:
            answer = read_997(found)
        except EdiError as error:
            outcome = Outcome(state="parked", code=NOT_READ, text=told([error.fault]))
            item.settle(outcome, needs_person=True)
            continue
        _take_answer(item, answer, partner, receiver, now)


def _take_answer(
    item: Item, answer: GroupAnswer, partner: TradingPartner, receiver: str, now: dt.datetime
) -> None:
    group = _find_group(answer, partner, receiver)
    named = clean(f"{answer.functional_id} {answer.control_number}", 60)
    if group is None:
        text = f"acknowledges group {named}, which was never sent to {partner.code}"
        item.settle(Outcome(state="parked", code=UNKNOWN_GROUP, text=text), needs_person=True)
        return
    Acknowledgment.objects.create(
        inbound_set_id=item.set_id,
        group=group,
        code=answer.result,
        sets=[[s.code, s.control_number, s.result, list(s.codes)] for s in answer.sets],
        received_at=now,
    )
    item.settle(
        Outcome(state="applied", code=answer.result, text=f"group {named}: {answer.result}"),
        needs_person=False,
    )
    if group.acknowledgment == ACCEPTED:
        if answer.result != ACCEPTED:
            _ask_for_a_person(group, answer, partner, now, after_accepted=True)
        return
    group.acknowledgment, group.acknowledged_at = answer.result, now
    group.save(update_fields=["acknowledgment", "acknowledged_at"])
    resolve_by_key(
        kind=NOT_ACKNOWLEDGED,
        key=silence_key(group),
        resolution=f"the 997 came: {answer.result}",
        now=now,
    )
    if answer.result != ACCEPTED:
        _ask_for_a_person(group, answer, partner, now)


def refused_key(group: OutboundGroup) -> str:
    """The work item's key for a group that was refused, or refused after it had been accepted."""
    return f"{group.pk} after A" if group.acknowledgment == ACCEPTED else str(group.pk)


def silence_key(group: OutboundGroup) -> str:
    """The work item's key for a group without 997: one for each time it was handed over."""
    return f"{group.pk}/{group.interchange.attempts}"


def _find_group(
    answer: GroupAnswer, partner: TradingPartner, receiver: str
) -> OutboundGroup | None:
    if not (answer.control_number.isascii() and answer.control_number.isdecimal()):
        return None
    number = int(answer.control_number[:18])
    if number >= 1 << 31:
        return None
    groups = OutboundGroup.objects.select_for_update(of=("self",)).select_related("interchange")
    found = groups.filter(
        partner=partner,
        functional_id=answer.functional_id,
        control_number=number,
        interchange__sender=receiver,
    )
    return found.order_by("-pk").first()


def _ask_for_a_person(
    group: OutboundGroup,
    answer: GroupAnswer,
    partner: TradingPartner,
    now: dt.datetime,
    *,
    after_accepted: bool = False,
) -> None:
    refused = [
        f"{s.code} {s.control_number}: {s.result} {' '.join(s.codes)}".strip()
        for s in answer.sets
        if s.result != ACCEPTED
    ]
    told_sets = "; ".join(refused[:20]) or "no set is named"
    before = (
        f"An earlier 997 accepted the group, at {group.acknowledged_at:%Y-%m-%d %H:%M} UTC: ask "
        "the partner which of the two counts. "
        if after_accepted
        else ""
    )
    open_work_item(
        kind=REFUSED_BY_PARTNER,
        key=refused_key(group),
        title=f"{partner.code} answered group {group} with {answer.result}"
        + (" after it had accepted it" if after_accepted else ""),
        text=clean(
            f"{before}The 997 says {answer.result} ({answer.accepted} of {answer.received} sets "
            f"accepted): {told_sets}. Mend what is wrong, then: manage.py market send --resend "
            f"{group.pk}",
            4_000,
        ),
        tdsp_code=partner.code,
        reference=str(group.control_number),
        now=now,
    )


def take_ta1s(
    *, interchange: Interchange, partner: TradingPartner, now: dt.datetime
) -> Sequence[str]:
    """Keeps the TA1s of an interchange; gives what a person must know of them."""
    problems = []
    for segment in interchange.acknowledgments:
        try:
            answer = read_ta1(segment)
        except EdiError as error:
            problems.append(told([error.fault]))
            continue
        number = answer.control_number
        row = None
        if number.isascii() and number.isdecimal() and len(number) <= 9:
            row = OutboundInterchange.objects.filter(
                sender=interchange.receiver, partner=partner, control_number=int(number)
            ).first()
        if row is None:
            problems.append(f"a TA1 names interchange {clean(number, 20)!r}, which was never sent")
            continue
        Acknowledgment.objects.create(interchange=row, code=answer.result, received_at=now)
        if answer.result != ACCEPTED:
            problems.append(f"{row.name} was answered {answer.result}, note {answer.note}")
    return problems
