"""Final reads: what they mean for orders; their values are the matching's."""

from __future__ import annotations

import datetime as dt

from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.handlers import apply_arrived
from ossrep.market.usecases.receiving import Outcome


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
