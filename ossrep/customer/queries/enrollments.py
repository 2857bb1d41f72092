"""Enrollments and move-outs, as lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.customer.models import Enrollment, MoveOut

ROWS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WishLine:
    """One wish and how far it has come; ``date`` is the day known best."""

    number: str
    kind: str
    state: str
    account: str
    esi_id: str
    contract: str
    wanted_date: dt.date | None
    date: dt.date | None
    order_reference: str
    reason: str


def list_wishes(*, state: str | None = None) -> Sequence[WishLine]:
    """Enrollments, then move-outs, the latest first; at most ``ROWS_MAX`` of each."""
    enrollments = Enrollment.objects.select_related("contract__account", "contract__premises")
    move_outs = MoveOut.objects.select_related("contract__account", "contract__premises")
    if state is not None:
        enrollments, move_outs = enrollments.filter(state=state), move_outs.filter(state=state)
    return [
        *(_of_enrollment(one) for one in enrollments.order_by("-pk")[:ROWS_MAX]),
        *(_of_move_out(one) for one in move_outs.order_by("-pk")[:ROWS_MAX]),
    ]


def _of_enrollment(one: Enrollment) -> WishLine:
    return WishLine(
        number=one.number,
        kind=one.kind,
        state=one.state,
        account=one.contract.account.number,
        esi_id=one.contract.premises.esi_id,
        contract=one.contract.number,
        wanted_date=one.wanted_date,
        date=one.start_date or one.scheduled_date,
        order_reference=one.order_reference,
        reason=_reason(one.reason_codes, one.reason_text),
    )


def _of_move_out(one: MoveOut) -> WishLine:
    return WishLine(
        number=one.number,
        kind="move_out",
        state=one.state,
        account=one.contract.account.number,
        esi_id=one.contract.premises.esi_id,
        contract=one.contract.number,
        wanted_date=one.wanted_date,
        date=one.end_date or one.scheduled_date,
        order_reference=one.order_reference,
        reason=_reason(one.reason_codes, one.reason_text),
    )


def _reason(codes: str, text: str) -> str:
    """Codes and text once: the market's text may begin with its codes."""
    return text if text.startswith(codes) else f"{codes} {text}".strip()
