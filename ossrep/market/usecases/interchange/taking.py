"""One file from bytes to outcomes and answers, in one transaction of the caller."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.acknowledging import group_is_refused, needs_997
from ossrep.market.edi.x12.model import Group, Interchange
from ossrep.market.edi.x12.reading import read_interchanges
from ossrep.market.models import InboundGroup, InboundWork, TradingPartner
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.acknowledged import take_997s, take_ta1s
from ossrep.market.usecases.interchange.advising import queue_advice
from ossrep.market.usecases.interchange.alarms import alarm_file, alarm_items
from ossrep.market.usecases.interchange.answering import (
    Correspondent,
    queue_997,
    queue_ta1,
    send_answers_again,
)
from ossrep.market.usecases.interchange.applying import FindHandler, apply_items
from ossrep.market.usecases.interchange.flat_files import read_flat
from ossrep.market.usecases.interchange.flat_items import items_of_flat_file
from ossrep.market.usecases.interchange.items import (
    FUNCTIONAL_ID_OF_997,
    Item,
    clean,
    items_of_group,
    told,
    x12_outcomes,
)
from ossrep.market.usecases.interchange.judging import (
    ENVELOPE,
    NOT_FOR_US,
    UNREGISTERED,
    Judgment,
    any_correspondent,
    judge,
    partner_of,
)
from ossrep.market.usecases.interchange.numbers import settle_released, settle_repeats
from ossrep.market.usecases.interchange.recording import record_outcomes, record_sets
from ossrep.market.usecases.interchange.storing import read_bytes
from ossrep.market.usecases.interchange.waiting import retry_parked
from ossrep.market.usecases.receiving import Outcome

GROUP_REFUSED = "group_refused"


@dataclass(slots=True, kw_only=True)
class Taken:
    """What became of a file: its state, its sets by outcome, and what a person should read."""

    file_id: int
    name: str = ""
    state: str = "done"
    applied: int = 0
    parked: int = 0
    rejected: int = 0
    duplicates: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, items: list[Item]) -> None:
        """Adds the outcomes of a group's sets."""
        for item in items:
            assert item.outcome is not None
            setattr(self, item.outcome.state, getattr(self, item.outcome.state) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    work: InboundWork
    data: bytes
    now: dt.datetime
    find_handler: FindHandler
    taken: Taken


def take_file(
    *,
    work: InboundWork,
    now: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
) -> Taken:
    """Takes a stored file: judges, reads, applies and answers what stands in it.

    The caller holds the file's row and the transaction; when it commits, every set has its
    outcome and every answer that is due is queued, else nothing of it is.
    """
    taken = Taken(file_id=work.pk, name=work.file.name)
    file = _File(
        work=work,
        data=read_bytes(file_id=work.pk),
        now=now,
        find_handler=find_handler,
        taken=taken,
    )
    if work.file.syntax == "x12":
        _take_x12(file)
    else:
        _take_flat(file)
    return taken


def _take_x12(file: _File) -> None:
    try:
        interchanges = read_interchanges(file.data)
    except EdiError as error:
        _quarantine(file, told([error.fault]))
        return
    verdicts = [
        _take_interchange(file, place, interchange)
        for place, interchange in enumerate(interchanges, start=1)
    ]
    if all(verdict == "refused" for verdict in verdicts):
        file.taken.state = "refused"


def _quarantine(file: _File, text: str) -> None:
    file.taken.state = "quarantined"
    file.taken.notes.append(text)
    alarm_file(
        work=file.work,
        kind="file_unreadable",
        title=f"{file.taken.name} cannot be read",
        text=f"{text}. The file is kept and nothing of it was applied.",
        now=file.now,
    )


def _take_interchange(file: _File, place: int, interchange: Interchange) -> str:
    judgment = judge(
        interchange=interchange,
        place=place,
        file_id=file.work.pk,
        channel=file.work.channel,
        data=file.data,
        now=file.now,
    )
    _answer_interchange(file, interchange, judgment)
    if judgment.verdict == "taken":
        for group in interchange.groups:
            _take_group(file, interchange, judgment, group)
        _take_ta1s(file, interchange, judgment)
        _alarm_of_envelope(file, interchange, judgment)
        return judgment.verdict
    file.taken.notes.append(judgment.text)
    if judgment.verdict == "duplicate":
        file.taken.duplicates += 1
        assert judgment.earlier_file_id is not None
        send_answers_again(file_id=judgment.earlier_file_id, now=file.now)
        return judgment.verdict
    if judgment.code == ENVELOPE:
        for group in interchange.groups:
            _take_group(file, interchange, judgment, group)
    alarm_file(
        work=file.work,
        kind=f"interchange_{judgment.code}",
        title=f"Interchange {interchange.control_number} of {interchange.sender} is refused",
        text=judgment.text,
        now=file.now,
    )
    return judgment.verdict


def _answer_interchange(file: _File, interchange: Interchange, judgment: Judgment) -> None:
    """The TA1, where ISA14 asks for it and we know whom to answer."""
    between = any_correspondent(judgment)
    is_told = judgment.verdict == "taken" or judgment.code == ENVELOPE
    if interchange.wants_acknowledgment and between is not None and is_told:
        queue_ta1(
            interchange=interchange,
            file_id=file.work.pk,
            between=Correspondent(between[1], between[0]),
            now=file.now,
        )


def _take_group(file: _File, interchange: Interchange, judgment: Judgment, group: Group) -> None:
    partner, identity = partner_of(judgment=judgment, sender=group.sender, receiver=group.receiver)
    stored = InboundGroup(
        interchange_id=judgment.row_id,
        file_id=file.work.pk,
        partner=partner,
        functional_id=clean(group.functional_id, 4),
        sender=clean(group.sender, 15),
        receiver=clean(group.receiver, 15),
        control_number=clean(group.control_number, 14),
        set_count=len(group.sets),
        text=told(group.faults),
    )
    stored.save(force_insert=True)
    items = list(items_of_group(group=group, separators=interchange.separators, data=file.data))
    is_refused = judgment.code == ENVELOPE
    if partner is None or identity is None:
        code = UNREGISTERED if partner is None else NOT_FOR_US
        who = f"GS id {group.sender!r}" if partner is None else f"receiver {group.receiver!r}"
        text = clean(f"{who} of the group is not registered", 200)
        _refuse(items, code, text)
        _alarm_of_group(file, stored, code, text)
        _finish_group(file, stored, items, partner)
        return
    if is_refused or group_is_refused(group):
        reason = judgment.text if is_refused else told(group.faults)
        _refuse(items, ENVELOPE if is_refused else GROUP_REFUSED, reason)
    if needs_997(group.functional_id):
        queue_997(
            stored=stored,
            group=group,
            outcomes=x12_outcomes(items),
            between=Correspondent(identity, partner),
            is_refused=is_refused,
            now=file.now,
        )
    record_sets(group=stored, items=items, received_at=file.work.file.received_at)
    if group.functional_id == FUNCTIONAL_ID_OF_997:
        take_997s(
            items=items,
            sets=group.sets,
            partner=partner,
            receiver=interchange.receiver,
            now=file.now,
        )
    _apply(file, stored, items, partner)


def _alarm_of_group(file: _File, stored: InboundGroup, code: str, text: str) -> None:
    """Nobody is answered, so a person has to hear of it."""
    file.taken.notes.append(text)
    alarm_file(
        work=file.work,
        kind=f"group_{code}",
        title=f"Group {stored} is refused",
        part=f"group {stored.pk}",
        text=(
            f"{text}: its {stored.set_count} sets were not applied and no 997 went out. If it is "
            "meant for us, register the id and ask the sender for the group in a new interchange"
        ),
        now=file.now,
    )


def _refuse(items: list[Item], code: str, text: str) -> None:
    for item in items:
        item.settle(Outcome(state="rejected", code=code, text=text), needs_person=False)


def _finish_group(
    file: _File, stored: InboundGroup, items: list[Item], partner: TradingPartner | None
) -> None:
    record_sets(group=stored, items=items, received_at=file.work.file.received_at)
    _apply(file, stored, items, partner)


def _apply(
    file: _File, stored: InboundGroup, items: list[Item], partner: TradingPartner | None
) -> None:
    if partner is not None:
        settle_repeats(items=items, partner=partner.code)
        apply_items(
            items=items,
            partner=partner.code,
            received_at=file.work.file.received_at,
            find_handler=file.find_handler,
        )
        settle_released(items=items)
        queue_advice(items=items, partner=partner, now=file.now)
    outcomes = ((item.set_id, 1, item.outcome) for item in items if item.outcome is not None)
    record_outcomes(outcomes=outcomes, decided_at=file.now)
    alarm_items(items=items, group=stored, now=file.now)
    file.taken.count(items)
    retry_parked(items=items, now=file.now, find_handler=file.find_handler)


def _take_ta1s(file: _File, interchange: Interchange, judgment: Judgment) -> None:
    between = any_correspondent(judgment)
    if not interchange.acknowledgments or between is None:
        return
    problems = take_ta1s(interchange=interchange, partner=between[0], now=file.now)
    if problems:
        alarm_file(
            work=file.work,
            kind="interchange_answered",
            title=f"{between[0].code} has answered an interchange of ours",
            text="; ".join(problems),
            now=file.now,
        )


def _alarm_of_envelope(file: _File, interchange: Interchange, judgment: Judgment) -> None:
    """Faults that an answer cannot tell, or that nobody would see otherwise."""
    faults = [*interchange.faults]
    for group in interchange.groups:
        faults += group.faults
    if not faults and (interchange.groups or interchange.acknowledgments):
        return
    text = told(faults) or "the interchange holds nothing"
    file.taken.notes.append(text)
    alarm_file(
        work=file.work,
        kind="envelope_faults",
        title=f"Interchange {interchange.control_number} of {interchange.sender} has faults",
        text=text,
        now=file.now,
    )


def _take_flat(file: _File) -> None:
    partner = file.work.partner
    if partner is None or not partner.is_active:
        file.taken.state = "refused"
        text = "a file without an interchange header, from no registered provider"
        file.taken.notes.append(text)
        alarm_file(
            work=file.work,
            kind="file_unregistered",
            title=f"{file.taken.name} is refused",
            text=f"{text}; say whose it is: manage.py market receive --partner CODE FILE",
            now=file.now,
        )
        return
    try:
        found = read_flat(file.data)
    except EdiError as error:
        _quarantine(file, told([error.fault]))
        return
    stored = InboundGroup.objects.create(
        file_id=file.work.pk,
        partner=partner,
        functional_id="",
        sender=clean(found.sender, 15),
        receiver=clean(found.receiver, 15),
        control_number=clean(found.number, 14),
        set_count=len(found.documents),
        text=told(found.faults),
    )
    items = list(items_of_flat_file(file=found, data=file.data))
    _finish_group(file, stored, items, partner)
    if found.faults:
        file.taken.notes.append(told(found.faults))
        alarm_file(
            work=file.work,
            kind="envelope_faults",
            title=f"{file.taken.name} has faults",
            text=told(found.faults),
            now=file.now,
        )
