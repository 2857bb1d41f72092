"""Usage history without an enrollment (814_26)."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import RequestRefused, check_esi_id
from ossrep.market.domain.order_rules import load_order_rules
from ossrep.market.models import Order
from ossrep.market.usecases.orders.starting import OrderId, create_order


def request_history(
    *,
    esi_id: str,
    now: dt.datetime,
    tdsp_code: str = "",
    brand_id: int | None = None,
    by: str = "",
) -> OrderId:
    """Asks ERCOT for the past usage of a service point; it comes as 867_02.

    A retailer that does not serve it needs the customer's authorization (RMG 7.5). Raises
    RequestRefused while a request is open.
    """
    with transaction():
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        twin = Order.objects.filter(kind="history", esi_id=point.esi_id, is_open=True).first()
        if twin is not None:
            raise RequestRefused(f"{twin.reference} is not answered yet", where="esi_id")
        return create_order(
            kind="history",
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            request={"history": str(load_order_rules()["history_code"]["code"])},
            brand_id=brand_id,
            now=now,
            by=by,
        )
