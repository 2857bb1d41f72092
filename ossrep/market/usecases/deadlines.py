"""Deadlines of expected answers: started, met, cancelled; and the clock that finds late ones."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

from django.db.models import F, Q

from ossrep.market.db import transaction
from ossrep.market.domain.clocks import Calendars, ClockError, chain_due_at
from ossrep.market.domain.deadlines import (
    Standing,
    fill,
    find_chase,
    local_text,
    money_at_risk,
    nearly_at,
    standing,
)
from ossrep.market.domain.timing import get_hops
from ossrep.market.models import Deadline, DeadlineState
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.queries.delivery_charges import find_last_charges
from ossrep.market.usecases.work_items import WorkItemId, open_work_item, resolve_by_key

DeadlineId = NewType("DeadlineId", int)

KIND_NEARLY = "answer-nearly-late"
KIND_LATE = "answer-late"
CENT = Decimal("0.01")
BATCH = 200
BATCHES_MAX = 100_000

LateHandler = Callable[[Deadline, dt.datetime], WorkItemId | None]
"""Told of a late deadline; gives the work item it opened, or None to have the usual one opened."""

LATE_HANDLERS: Mapping[str, str] = {"order": "ossrep.market.usecases.orders.late:note_late"}
"""The part of a step's name before the colon (``order``) to the import path of its handler."""


@dataclass(frozen=True, slots=True)
class ClockReport:
    """What one run of the clock found and opened."""

    as_of: dt.datetime
    nearly_late: int
    late: int


def start_deadline(
    *,
    step: str,
    expects: str,
    hops: Sequence[str],
    started_at: dt.datetime,
    esi_id: str = "",
    tdsp_code: str = "",
    reference: str = "",
    order_id: int | None = None,
    outbound_message_id: int | None = None,
    money_at_risk_usd: Decimal | None = None,
    calendars: Calendars | None = None,
) -> DeadlineId | None:
    """Waits for an answer until its hops are over, in the caller's transaction.

    ``hops`` are keys of the timing table in the order of the answer's way. Idempotent by (step,
    expects) and ``started_at``; with another instant the deadline is moved and open again. None
    where the market sets no limit. Raises UnknownLimit and ClockError.
    """
    due_at = chain_due_at(
        start=started_at,
        hops=get_hops(keys=hops),
        calendars=calendars or get_calendars(),
        tdsp_code=tdsp_code,
    )
    if due_at is None:
        return None
    return start_deadline_at(
        step=step,
        expects=expects,
        hops=hops,
        started_at=started_at,
        due_at=due_at,
        esi_id=esi_id,
        tdsp_code=tdsp_code,
        reference=reference,
        order_id=order_id,
        outbound_message_id=outbound_message_id,
        money_at_risk_usd=money_at_risk_usd,
    )


def start_deadline_at(
    *,
    step: str,
    expects: str,
    started_at: dt.datetime,
    due_at: dt.datetime,
    hops: Sequence[str] = (),
    esi_id: str = "",
    tdsp_code: str = "",
    reference: str = "",
    order_id: int | None = None,
    outbound_message_id: int | None = None,
    money_at_risk_usd: Decimal | None = None,
) -> DeadlineId:
    """The same with an instant that is already known. Raises ClockError if it is before the start.

    ``hops`` say only where the instant comes from.
    """
    if due_at < started_at:
        raise ClockError(f"{expects} would be due before it was asked for", where=step)
    values = {
        "hops": list(hops),
        "esi_id": esi_id,
        "tdsp_code": tdsp_code,
        "reference": reference,
        "order_id": order_id,
        "outbound_message_id": outbound_message_id,
        "money_at_risk_usd": money_at_risk_usd,
        "started_at": started_at,
        "nearly_at": nearly_at(started_at=started_at, due_at=due_at),
        "due_at": due_at,
        "state": DeadlineState.OPEN,
        "ended_at": None,
        "warned_at": None,
        "told_late_at": None,
    }
    with transaction():
        row, is_new = Deadline.objects.select_for_update().get_or_create(
            step=step, expects=expects, defaults=values
        )
        if not is_new and (row.started_at, row.due_at) != (started_at, due_at):
            _settle_items(row, resolution="the deadline was moved", now=started_at)
            Deadline.objects.filter(pk=row.pk).update(**values)
    return DeadlineId(row.pk)


def meet_deadline(*, step: str, at: dt.datetime, expects: str | None = None) -> int:
    """The answer came: ends the step's open deadlines (or that of one kind); how many those were.

    Work items of theirs that are still open are resolved.
    """
    return _end(step, expects, DeadlineState.MET, at, f"the answer came {local_text(at)}")


def cancel_deadline(*, step: str, at: dt.datetime, expects: str | None = None) -> int:
    """Nobody waits for the answer any more: ends the step's open deadlines without it."""
    return _end(step, expects, DeadlineState.CANCELLED, at, "the answer is no longer expected")


def _end(
    step: str, expects: str | None, state: DeadlineState, at: dt.datetime, resolution: str
) -> int:
    with transaction():
        rows = Deadline.objects.select_for_update().filter(step=step, state=DeadlineState.OPEN)
        if expects is not None:
            rows = rows.filter(expects=expects)
        ended = list(rows.order_by("pk"))
        for row in ended:
            row.state, row.ended_at = state, max(at, row.started_at)
            row.save(update_fields=["state", "ended_at"])
            _settle_items(row, resolution=resolution, now=at)
    return len(ended)


def run_clock(*, as_of: dt.datetime) -> ClockReport:
    """Finds what is late or nearly late at ``as_of`` and opens a work item for each, once.

    Works in transactions of ``BATCH`` deadlines; runs side by side share the work.
    """
    found = {Standing.NEARLY_LATE: 0, Standing.LATE: 0}
    for _ in range(BATCHES_MAX):
        batch = _tell_batch(as_of)
        for what in batch:
            found[what] += 1
        if not batch:
            break
    return ClockReport(as_of, found[Standing.NEARLY_LATE], found[Standing.LATE])


def _tell_batch(as_of: dt.datetime) -> list[Standing]:
    with transaction():
        untold = Q(due_at__lt=as_of, told_late_at=None) | Q(
            due_at__gte=as_of, nearly_at__lte=as_of, warned_at=None
        )
        rows = (
            Deadline.objects.select_for_update(skip_locked=True)
            .filter(untold, state=DeadlineState.OPEN, nearly_at__lte=as_of)
            .order_by(F("due_at"), "pk")[:BATCH]
        )
        return [_tell(row, as_of) for row in rows]


def _tell(row: Deadline, as_of: dt.datetime) -> Standing:
    now_is = standing(nearly_at=row.nearly_at, due_at=row.due_at, as_of=as_of)
    if now_is is Standing.NEARLY_LATE:
        if find_chase(expects=row.expects).warns:
            _open_item(row, KIND_NEARLY, as_of)
        Deadline.objects.filter(pk=row.pk).update(warned_at=as_of)
        return now_is
    # Marked first: a handler may end the deadline, and its mark must not be lost by that.
    Deadline.objects.filter(pk=row.pk).update(told_late_at=as_of)
    resolve_by_key(
        kind=KIND_NEARLY, key=_key(row), resolution="it became late, see the later item", now=as_of
    )
    handler = _late_handler(row)
    if handler is None or handler(row, as_of) is None:
        open_late_item(deadline=row, now=as_of)
    return now_is


def open_late_item(*, deadline: Deadline, now: dt.datetime) -> WorkItemId:
    """The usual work item of a late answer: what is missing, the money, what to send."""
    return _open_item(deadline, KIND_LATE, now)


def _open_item(row: Deadline, kind: str, as_of: dt.datetime) -> WorkItemId:
    chase = find_chase(expects=row.expects)
    values = {
        "expects": row.expects,
        "esi_id": row.esi_id or "(none)",
        "tdsp": row.tdsp_code,
        "reference": row.reference or row.step,
        "sent": local_text(row.started_at),
        "due": local_text(row.due_at),
        "days_late": str(max((as_of - row.due_at).days, 0)),
    }
    nearly = "Nearly late: " if kind == KIND_NEARLY else ""
    return open_work_item(
        kind=kind,
        key=_key(row),
        title=nearly + fill(chase.title, values),
        text=fill(chase.text, values),
        send_via=chase.send_via,
        text_to_send=fill(chase.text_to_send, values),
        esi_id=row.esi_id,
        tdsp_code=row.tdsp_code,
        reference=row.reference,
        money_at_risk_usd=money_at_risk(
            amount_usd=row.money_at_risk_usd,
            usd_per_day=_usd_per_day(row) if chase.usd_per_day is None else chase.usd_per_day,
            due_at=row.due_at,
            as_of=as_of,
        ),
        order_id=row.order_id,
        outbound_message_id=row.outbound_message_id,
        now=as_of,
        due_at=row.due_at,
    )


def _usd_per_day(row: Deadline) -> Decimal | None:
    """What a day of this service point's delivery cost last; None where no invoice tells."""
    if row.money_at_risk_usd is not None or not row.esi_id:
        return None
    found = find_last_charges(esi_ids=[row.esi_id]).get(row.esi_id)
    return None if found is None else (found[0] / found[1]).quantize(CENT, ROUND_HALF_UP)


def _settle_items(row: Deadline, *, resolution: str, now: dt.datetime) -> None:
    for kind in (KIND_NEARLY, KIND_LATE):
        resolve_by_key(kind=kind, key=_key(row), resolution=resolution, now=now)


def _key(row: Deadline) -> str:
    # A deadline that was moved may become late a second time: that is another matter.
    return f"{row.step} {row.expects} {row.started_at:%Y%m%dT%H%M%S}"


def _late_handler(row: Deadline) -> LateHandler | None:
    path = LATE_HANDLERS.get(row.step.partition(":")[0])
    if path is None:
        return None
    module, _, name = path.partition(":")
    handler: LateHandler = getattr(importlib.import_module(module), name)
    return handler
