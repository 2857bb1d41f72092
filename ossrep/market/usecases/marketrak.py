"""MarkeTrak issues: opened, answered, escalated, closed; each step is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NewType

from ossrep.market.db import transaction
from ossrep.market.domain.marketrak import (
    MarketrakRefused,
    State,
    Trigger,
    get_subtype,
    next_state,
)
from ossrep.market.models import Deadline, MarketrakEntry, MarketrakIssue
from ossrep.market.usecases.deadlines import (
    cancel_deadline,
    meet_deadline,
    start_deadline,
    start_deadline_at,
)

MarketrakIssueId = NewType("MarketrakIssueId", int)

THEIR_ANSWER = "MarkeTrak answer"
OUR_ANSWER = "MarkeTrak answer of ours"
DUTY = "MarkeTrak duty"
SIDES = ("gaining", "losing", "record")
OPENED = "open"


def open_issue(
    *,
    subtype: str,
    side: str,
    text: str,
    now: dt.datetime,
    written_by: str = "",
    esi_id: str = "",
    tdsp_code: str = "",
    number: str = "",
    is_ours: bool = True,
    links: Sequence[str] = (),
    due_at: dt.datetime | None = None,
    order_id: int | None = None,
    work_item_id: int | None = None,
) -> MarketrakIssueId:
    """Records an issue that we opened in MarkeTrak (or, not ``is_ours``, that they did).

    The subtype's clocks begin ``now``; ``due_at`` says when the answer is due where no source does.
    Raises MarketrakRefused and ClockError.
    """
    kind = get_subtype(subtype)
    if side not in SIDES:
        raise MarketrakRefused(f"our side must be {', '.join(SIDES)}, not {side!r}")
    _need_words(text)
    with transaction():
        if number and MarketrakIssue.objects.filter(number=number).exists():
            raise MarketrakRefused("is recorded already", where=f"MarkeTrak {number}")
        issue = MarketrakIssue.objects.create(
            number=number,
            subtype=subtype,
            esi_id=esi_id,
            tdsp_code=tdsp_code,
            side=side,
            is_ours=is_ours,
            state=State.WITH_THEM if is_ours else State.WITH_US,
            order_id=order_id,
            work_item_id=work_item_id,
            opened_at=now,
        )
        _note(issue, OPENED, text, links, written_by, now)
        _wait(issue, kind.answer if is_ours else kind.our_answer, now, due_at)
        for key in kind.duties.get(side, ()):
            _start(issue, f"{DUTY} {key}", [key], now)
        issue.save()
    return MarketrakIssueId(issue.pk)


def take_issue_step(
    *,
    issue_id: int,
    trigger: Trigger,
    text: str,
    now: dt.datetime,
    written_by: str = "",
    links: Sequence[str] = (),
    number: str = "",
    due_at: dt.datetime | None = None,
) -> State:
    """One step of an issue by its transition table; the state it leads to.

    An answer ends the clock of the one who owed it; ``due_at`` begins one for whoever has the issue
    then. ``number`` enters MarkeTrak's own. Raises MarketrakRefused and ClockError.
    """
    _need_words(text)
    with transaction():
        issue = MarketrakIssue.objects.select_for_update().filter(pk=issue_id).first()
        if issue is None:
            raise MarketrakRefused(f"there is no issue {issue_id}")
        issue.state = next_state(state=issue.state, trigger=trigger)
        _take_number(issue, number)
        _note(issue, trigger, text, links, written_by, now)
        if trigger is Trigger.CLOSE:
            _close(issue, now)
        elif trigger is not Trigger.ADD_EVIDENCE:
            _end_waiting(issue, trigger, now)
            # The sourced limits count from the opening; later ones are said by hand.
            _wait(issue, (), now, due_at)
        issue.save()
    return State(issue.state)


def _need_words(text: str) -> None:
    if not text.strip():
        raise MarketrakRefused("say what was written or done")


def _take_number(issue: MarketrakIssue, number: str) -> None:
    if not number or number == issue.number:
        return
    if issue.number:
        raise MarketrakRefused(f"has the number {issue.number} already", where=f"issue {issue.pk}")
    if MarketrakIssue.objects.filter(number=number).exists():
        raise MarketrakRefused("is another issue", where=f"MarkeTrak {number}")
    issue.number = number


def _note(
    issue: MarketrakIssue,
    trigger: str,
    text: str,
    links: Sequence[str],
    written_by: str,
    now: dt.datetime,
) -> None:
    MarketrakEntry.objects.create(
        issue=issue,
        trigger=trigger,
        state=issue.state,
        text=text.strip(),
        links=list(links),
        written_by=written_by[:150],
        written_at=now,
    )


def _end_waiting(issue: MarketrakIssue, trigger: Trigger, now: dt.datetime) -> None:
    step = step_of(issue_id=issue.pk)
    if trigger is Trigger.ESCALATE:
        for expects in (THEIR_ANSWER, OUR_ANSWER):
            cancel_deadline(step=step, at=now, expects=expects)
    else:
        expects = THEIR_ANSWER if trigger is Trigger.THEY_ANSWER else OUR_ANSWER
        meet_deadline(step=step, at=now, expects=expects)


def _close(issue: MarketrakIssue, now: dt.datetime) -> None:
    cancel_deadline(step=step_of(issue_id=issue.pk), at=now)
    issue.closed_at, issue.due_at = now, None


def _wait(
    issue: MarketrakIssue, hops: Sequence[str], now: dt.datetime, due_at: dt.datetime | None
) -> None:
    """Starts the clock of whoever has the issue now, where one is known."""
    expects = OUR_ANSWER if issue.state == State.WITH_US else THEIR_ANSWER
    issue.due_at = due_at
    if due_at is not None:
        start_deadline_at(
            step=step_of(issue_id=issue.pk),
            expects=expects,
            started_at=now,
            due_at=due_at,
            esi_id=issue.esi_id,
            tdsp_code=issue.tdsp_code,
            reference=str(issue),
            order_id=issue.order_id,
        )
    elif hops:
        issue.due_at = _start(issue, expects, hops, now)


def _start(
    issue: MarketrakIssue, expects: str, hops: Sequence[str], now: dt.datetime
) -> dt.datetime | None:
    deadline_id = start_deadline(
        step=step_of(issue_id=issue.pk),
        expects=expects,
        hops=hops,
        started_at=now,
        esi_id=issue.esi_id,
        tdsp_code=issue.tdsp_code,
        reference=str(issue),
        order_id=issue.order_id,
    )
    return None if deadline_id is None else Deadline.objects.get(pk=deadline_id).due_at


def step_of(*, issue_id: int) -> str:
    """The name by which deadlines know an issue."""
    return f"marketrak:{issue_id}"
