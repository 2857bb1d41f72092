"""An X12 file read twice: first for what its ends tell, then set by set."""

from __future__ import annotations

from collections.abc import Iterator

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.model import Interchange, TransactionSet
from ossrep.market.edi.x12.streaming import Event, GroupEnd, GroupStart, InterchangeEnd
from ossrep.market.usecases.interchange.acknowledged import take_ta1s
from ossrep.market.usecases.interchange.answering import (
    Correspondent,
    queue_ta1,
    send_answers_again,
)
from ossrep.market.usecases.interchange.events import FileEvents, Surveyed, survey
from ossrep.market.usecases.interchange.items import told
from ossrep.market.usecases.interchange.judging import (
    ENVELOPE,
    RESUMED,
    Judgment,
    any_correspondent,
    judge,
)
from ossrep.market.usecases.interchange.taken import FileInHand
from ossrep.market.usecases.interchange.taking_groups import GroupInHand, open_group

Events = Iterator[tuple[Event, bytes]]


def take_x12(*, file: FileInHand) -> None:
    """Takes every interchange of a file, in the caller's transaction."""
    events = FileEvents(file_id=file.work.pk, size_bytes=file.work.file.size_bytes)
    try:
        surveyed = survey(events)
    except EdiError as error:
        file.quarantine(told([error.fault]))
        return
    again = iter(events)
    verdicts = [
        _take_interchange(file, place, each, again) for place, each in enumerate(surveyed, start=1)
    ]
    if all(verdict == "refused" for verdict in verdicts):
        file.taken.state = "refused"


def _take_interchange(file: FileInHand, place: int, surveyed: Surveyed, events: Events) -> str:
    interchange = surveyed.interchange
    judgment = judge(
        interchange=interchange,
        place=place,
        file_id=file.work.pk,
        channel=file.work.channel,
        content_sha256=surveyed.content_sha256,
        now=file.now,
    )
    _answer_interchange(file, interchange, judgment)
    is_looked_into = judgment.verdict in ("taken", RESUMED) or judgment.code == ENVELOPE
    _take_groups(file, surveyed, judgment if is_looked_into else None, events)
    if judgment.verdict == "taken":
        _take_ta1s(file, interchange, judgment)
        _alarm_of_envelope(file, surveyed)
    elif judgment.verdict == "duplicate":
        file.taken.notes.append(judgment.text)
        file.taken.duplicates += 1
        assert judgment.earlier_file_id is not None
        send_answers_again(file_id=judgment.earlier_file_id, now=file.now)
    elif judgment.verdict == "refused":
        file.taken.notes.append(judgment.text)
        file.alarm(
            kind=f"interchange_{judgment.code}",
            title=f"Interchange {interchange.control_number} of {interchange.sender} is refused",
            text=judgment.text,
        )
    return judgment.verdict


def _take_groups(
    file: FileInHand, surveyed: Surveyed, judgment: Judgment | None, events: Events
) -> None:
    """Walks to the interchange's end; without a judgment nothing is looked into."""
    groups = iter(surveyed.groups)
    group: GroupInHand | None = None
    for event, body_sha256 in events:
        if type(event) is TransactionSet:
            if group is not None:
                group.add(event, body_sha256)
        elif type(event) is GroupStart:
            known = next(groups)
            if judgment is not None:
                group = open_group(
                    file=file, interchange=surveyed.interchange, judgment=judgment, surveyed=known
                )
        elif type(event) is GroupEnd:
            if group is not None:
                group.finish()
            group = None
        elif type(event) is InterchangeEnd:
            return


def _answer_interchange(file: FileInHand, interchange: Interchange, judgment: Judgment) -> None:
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


def _take_ta1s(file: FileInHand, interchange: Interchange, judgment: Judgment) -> None:
    between = any_correspondent(judgment)
    if not interchange.acknowledgments or between is None:
        return
    problems = take_ta1s(interchange=interchange, partner=between[0], now=file.now)
    if problems:
        file.alarm(
            kind="interchange_answered",
            title=f"{between[0].code} has answered an interchange of ours",
            text="; ".join(problems),
        )


def _alarm_of_envelope(file: FileInHand, surveyed: Surveyed) -> None:
    """Faults that an answer cannot tell, or that nobody would see otherwise."""
    interchange = surveyed.interchange
    faults = [*interchange.faults]
    for each in surveyed.groups:
        faults += each.group.faults
    if not faults and (surveyed.groups or interchange.acknowledgments):
        return
    text = told(faults) or "the interchange holds nothing"
    file.taken.notes.append(text)
    file.alarm(
        kind="envelope_faults",
        title=f"Interchange {interchange.control_number} of {interchange.sender} has faults",
        text=text,
    )
