"""An answer that an order waits for is late: the table says whom to ask."""

from __future__ import annotations

import datetime as dt

from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.processes.engine import late
from ossrep.market.models import Deadline, Order
from ossrep.market.usecases.deadlines import open_late_item
from ossrep.market.usecases.orders.apply import apply_trigger
from ossrep.market.usecases.work_items import WorkItemId


def note_late(deadline: Deadline, now: dt.datetime) -> WorkItemId | None:
    """Puts a step on record and opens the work item of the late answer.

    In the clock's transaction. None, so that the usual item is opened, where somebody is at the
    order just now (the clock holds the deadline that he wants) or the table has no such row.
    """
    if deadline.order_id is None:
        return None
    orders = Order.objects.select_for_update(skip_locked=True).filter(pk=deadline.order_id)
    order = orders.first()
    trigger = late(deadline.expects)
    if order is None or not PROCESSES[order.kind].allows(state=order.state, trigger=trigger):
        return None
    apply_trigger(order=order, trigger=trigger, arrived=None, now=now)
    return open_late_item(deadline=deadline, now=now)
