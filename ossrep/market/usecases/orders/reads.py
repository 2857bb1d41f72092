"""Final reads: what they mean for orders; their values are the matching's."""

from __future__ import annotations

import datetime as dt

from ossrep.market.models import OrderStep, WaitingMessage, WorkItem, WorkItemState
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.handlers import apply_arrived
from ossrep.market.usecases.orders.waiting import settle
from ossrep.market.usecases.receiving import Outcome
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key

WITHDRAWN = "final-read-withdrawn"
FINAL_READ = "867_03 final"
ORDERS_MAX = 50


def note_final_usage(
    *,
    esi_id: str,
    end_date: dt.date,
    reference: str,
    original_reference: str = "",
    tdsp_code: str = "",
    inbound_set_id: int | None = None,
    now: dt.datetime,
) -> Outcome:
    """A final 867_03 has come: the move-out or loss that it names ends with it.

    ``end_date`` is the first day without service, ``reference`` the 867_03's own number and
    ``original_reference`` the order it names (REF*TN). Without such an order it is parked, and
    expires to a work item. In the caller's transaction; idempotent by ``reference``.
    """
    _settle_withdrawal(esi_id=esi_id, reference=reference, now=now)
    arrived = Arrived(
        kind="867_03",
        says="final",
        reference=reference,
        original_reference=original_reference,
        esi_id=esi_id,
        tdsp_code=tdsp_code,
        date=end_date,
        at=now,
        inbound_set_id=inbound_set_id,
    )
    return apply_arrived(arrived=arrived, now=now)


def withdraw_final_usage(
    *,
    esi_id: str,
    end_date: dt.date,
    reference: str,
    tdsp_code: str = "",
    inbound_set_id: int | None = None,
    now: dt.datetime,
) -> None:
    """A final 867_03 that was noted has been cancelled.

    Where it still waits for its order, it waits no more. An order that it ended stays ended,
    because others were told: a person is asked, until a final read of the service point comes in
    its place. In the caller's transaction; idempotent by ``reference``.
    """
    waiting = WaitingMessage.objects.select_for_update().filter(
        esi_id=esi_id, trigger=FINAL_READ, reference=reference, state="waiting"
    )
    for row in waiting:
        settle(row, "laid_aside", now)
    steps = OrderStep.objects.select_related("order").filter(
        order__esi_id=esi_id, trigger=FINAL_READ, reference=reference, verdict="moved"
    )
    ended = [step.order for step in steps.order_by("pk")[:ORDERS_MAX]]
    if not ended:
        return
    names = ", ".join(str(order) for order in ended)
    open_work_item(
        kind=WITHDRAWN,
        key=f"{esi_id} {reference}",
        title=f"The final usage {reference} of ESI ID {esi_id} was cancelled",
        text=(
            f"It ended {names} on {end_date}, and others were told so. A replacing final read "
            "settles this by itself. Where none comes within two Retail Business Days, ask the "
            "TDSP whether service goes on; if it does, the contract has to be taken up again."
        ),
        send_via="MarkeTrak, Day-to-Day",
        text_to_send=(
            f"ESI ID: {esi_id}\nThe final 867_03 {reference} to {end_date} was cancelled. Is the "
            "service point still ours? If not, please send the final usage."
        ),
        esi_id=esi_id,
        tdsp_code=tdsp_code,
        order_id=ended[0].pk,
        inbound_set_id=inbound_set_id,
        reference=reference,
        now=now,
    )


def _settle_withdrawal(*, esi_id: str, reference: str, now: dt.datetime) -> None:
    open_ones = WorkItem.objects.filter(kind=WITHDRAWN, esi_id=esi_id, state=WorkItemState.OPEN)
    for key in open_ones.values_list("key", flat=True):
        resolve_by_key(
            kind=WITHDRAWN, key=key, resolution=f"the final usage {reference} has come", now=now
        )
