"""Asks a person about an order, in the words of ``data/orders.yaml``."""

from __future__ import annotations

from decimal import Decimal
from string import Template
from typing import TYPE_CHECKING

from ossrep.market.domain.order_rules import find_work_item_words
from ossrep.market.domain.reject_codes import CodeList, explain_codes
from ossrep.market.models import Deadline, Order, OrderStep
from ossrep.market.usecases.deadlines import open_late_item
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.work_items import open_work_item

if TYPE_CHECKING:
    from ossrep.market.usecases.orders.effects import Happening

LATE = "answer-late"

CODE_LISTS = {
    "814_28": CodeList.UNEXECUTABLE,
    "814_08": CodeList.CANCEL,
    "650_02 unexecutable": CodeList.UNEXECUTABLE,
}
"""Which list the codes of a kind of message, or of what it says, belong to; else reject codes."""


def ask_for(*, kind: str, order: Order, step: OrderStep, happening: Happening) -> None:
    """Opens the work item of a kind for one step of an order, once.

    A late answer has the words of its deadline; all others those of ``data/orders.yaml``.
    """
    if kind == LATE:
        _ask_for_late_answer(order, happening)
        return
    arrived = happening.arrived
    words = find_work_item_words(kind=kind)
    values = {
        "order": str(order),
        "kind": order.kind.replace("_", " "),
        "esi_id": order.esi_id,
        "reference": order.reference,
        "state": order.state,
        "reasons": explain(arrived),
        "date": str(order.effective_date or order.scheduled_date or "an unknown day"),
    }
    open_work_item(
        kind=kind,
        key=f"order-step:{step.pk}",
        title=Template(words.title).safe_substitute(values),
        text=Template(words.text).safe_substitute(values).strip(),
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        order_id=order.pk,
        inbound_set_id=arrived.inbound_set_id if arrived else None,
        reference=order.reference,
        money_at_risk_usd=money_at_risk(order),
        now=happening.now,
    )


def explain(arrived: Arrived | None) -> str:
    """What a refusal, cancel or finding says, and what is done about it, for a person."""
    if arrived is None or not arrived.reasons:
        return "No reason was given."
    words, _ = explain_codes(
        code_list=_code_list(arrived),
        reasons=[(reason.code, reason.text) for reason in arrived.reasons],
    )
    return words


def money_at_risk(order: Order) -> Decimal | None:
    """What hangs on an order, where whoever asked for it said so."""
    amount = order.request.get("money_at_risk_usd")
    return None if amount is None else Decimal(amount)


def _code_list(arrived: Arrived) -> CodeList:
    by_kind = CODE_LISTS.get(arrived.kind, CodeList.REJECT)
    return CODE_LISTS.get(arrived.trigger, by_kind)


def _ask_for_late_answer(order: Order, happening: Happening) -> None:
    expects = happening.trigger.removeprefix("late ")
    deadline = Deadline.objects.filter(step=f"order:{order.pk}", expects=expects).first()
    if deadline is not None:
        open_late_item(deadline=deadline, now=happening.now)
