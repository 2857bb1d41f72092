"""Switch holds of payment plans, and of tampering when it is paid for."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import RequestRefused, check_esi_id, market_date
from ossrep.market.domain.service_orders import choose_priority
from ossrep.market.models import Order
from ossrep.market.usecases.orders.starting import (
    OrderId,
    Person,
    create_order,
    person_fields,
)


def add_switch_hold(
    *,
    esi_id: str,
    customer: Person,
    now: dt.datetime,
    tdsp_code: str = "",
    brand_id: int | None = None,
    account_number: str = "",
    by: str = "",
) -> OrderId:
    """Asks the TDSP for a payment-plan hold by 650_01 SH001 (16 TAC §25.480; RMG 7.17.2).

    Raises RequestRefused while such a request is open.
    """
    return _start(
        "hold_add", "hold_add", esi_id, tdsp_code, customer, now, brand_id, account_number, by
    )


def remove_switch_hold(
    *,
    esi_id: str,
    customer: Person,
    now: dt.datetime,
    tdsp_code: str = "",
    is_tampering: bool = False,
    brand_id: int | None = None,
    account_number: str = "",
    by: str = "",
) -> OrderId:
    """Lifts our hold by 650_01 SH002, or that of tampering by SH003, once it is paid.

    Raises RequestRefused while such a request is open.
    """
    purpose = "hold_remove_tampering" if is_tampering else "hold_remove"
    return _start(
        "hold_remove", purpose, esi_id, tdsp_code, customer, now, brand_id, account_number, by
    )


def _start(
    kind: str,
    purpose: str,
    esi_id: str,
    tdsp_code: str,
    customer: Person,
    now: dt.datetime,
    brand_id: int | None,
    account_number: str,
    by: str,
) -> OrderId:
    with transaction():
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        twin = Order.objects.filter(
            kind__in=("hold_add", "hold_remove"), esi_id=point.esi_id, is_open=True
        ).first()
        if twin is not None:
            raise RequestRefused(f"{twin.reference} is not answered yet", where="esi_id")
        return create_order(
            kind=kind,
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            partner=point.tdsp_code,
            requested_date=market_date(now),
            request={
                "action": "hold",
                "purpose": purpose,
                "priority": choose_priority(tdsp_code=point.tdsp_code, wish="standard"),
                **person_fields(customer),
            },
            brand_id=brand_id,
            account_number=account_number,
            now=now,
            by=by,
        )
