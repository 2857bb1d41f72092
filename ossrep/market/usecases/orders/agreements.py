"""Continuous service agreements: establish, change, delete by 814_18."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import RequestRefused, check_esi_id
from ossrep.market.models import Order
from ossrep.market.usecases.orders.apply import lock_order
from ossrep.market.usecases.orders.starting import OrderId, Person, create_order, person_fields


def start_csa(
    *,
    esi_id: str,
    customer: Person,
    start_date: dt.date,
    now: dt.datetime,
    end_date: dt.date | None = None,
    tdsp_code: str = "",
    brand_id: int | None = None,
    account_number: str = "",
    by: str = "",
) -> OrderId:
    """Establishes an agreement from ``start_date`` on (RMG 11.2.5.12).

    Refused while another request for the premises is unanswered (it would come back NFI). Raises
    RequestRefused.
    """
    with transaction():
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        _check_dates(start_date, end_date)
        _refuse_second(point.esi_id)
        return create_order(
            kind="csa",
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            requested_date=start_date,
            request={"change": "021", "end_date": _iso(end_date), **person_fields(customer)},
            brand_id=brand_id,
            account_number=account_number,
            now=now,
            by=by,
        )


def change_csa(
    *,
    order_id: int,
    start_date: dt.date,
    end_date: dt.date | None,
    now: dt.datetime,
    by: str = "",
) -> OrderId:
    """Gives an agreement in force other dates (TX SET 5.0). Raises RequestRefused."""
    with transaction():
        _check_dates(start_date, end_date)
        agreement = _lock_agreed(order_id)
        request = {**agreement.request, "change": "001", "end_date": _iso(end_date)}
        return _create_about(agreement, "csa_change", start_date, request, now, by)


def delete_csa(*, order_id: int, now: dt.datetime, by: str = "") -> OrderId:
    """Ends an agreement in force; a move-out under way still follows it (RMG 11.4.6).

    Raises RequestRefused.
    """
    with transaction():
        agreement = _lock_agreed(order_id)
        request = {**agreement.request, "change": "002"}
        return _create_about(agreement, "csa_delete", None, request, now, by)


def _create_about(
    agreement: Order,
    kind: str,
    start_date: dt.date | None,
    request: dict[str, object],
    now: dt.datetime,
    by: str,
) -> OrderId:
    _refuse_second(agreement.esi_id)
    return create_order(
        kind=kind,
        esi_id=agreement.esi_id,
        tdsp_code=agreement.tdsp_code,
        target=agreement,
        requested_date=start_date,
        request=request,
        brand_id=agreement.brand_id,
        account_number=agreement.account_number,
        now=now,
        by=by,
    )


def _lock_agreed(order_id: int) -> Order:
    agreement = lock_order(order_id=order_id)
    if agreement.kind != "csa" or agreement.state != "agreed":
        raise RequestRefused("is no agreement in force", where=agreement.reference)
    return agreement


def _refuse_second(esi_id: str) -> None:
    kinds = ("csa", "csa_change", "csa_delete")
    pending = Order.objects.filter(kind__in=kinds, esi_id=esi_id, state="sent").first()
    if pending is not None:
        raise RequestRefused(f"{pending.reference} is unanswered (NFI)", where="esi_id")


def _check_dates(start: dt.date, end: dt.date | None) -> None:
    if end is not None and end < start:
        raise RequestRefused(f"the end {end} comes before the start {start}", where="end_date")


def _iso(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
