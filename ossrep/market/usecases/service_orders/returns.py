"""Gains and losses in error, rescission, premises without a retailer: steps of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ossrep.market.db import transaction
from ossrep.market.domain.clocks import Calendar
from ossrep.market.domain.order_requests import RequestRefused, check_esi_id, market_date
from ossrep.market.domain.timing import get_limit
from ossrep.market.models import Order, OutboundMessage, ServicePoint
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.usecases.interchange.outbound import take_reference
from ossrep.market.usecases.orders.apply import apply_command, lock_order
from ossrep.market.usecases.orders.starting import (
    OrderId,
    Person,
    create_order,
    person_fields,
)

TO_US = {"inadvertent_loss": "IA", "rescission_return": "CR"}
"""Processes by which a service point comes back to us, and BGN07 of the 814_16."""

FROM_US = ("inadvertent_gain", "rescission")
_DAY = dt.timedelta(days=1)
LIST_ROWS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class ListOutcome:
    """What a TDSP's list of premises without a retailer held."""

    rows: int
    known: int
    opened: int
    refused: tuple[str, ...]


def start_return_to_us(
    *,
    kind: str,
    esi_id: str,
    loss_date: dt.date,
    issue_date: dt.date,
    customer: Person,
    zip_code: str,
    now: dt.datetime,
    tdsp_code: str = "",
    issue_number: str = "",
    brand_id: int | None = None,
    account_number: str = "",
    by: str = "",
) -> OrderId:
    """Another retailer has what is ours: opens the issue whose end is our backdated move-in.

    ``kind``: ``inadvertent_loss`` or ``rescission_return``. ``loss_date`` is the first day of the
    other retailer, ``issue_date`` that of the MarkeTrak issue. Raises RequestRefused.
    """
    if kind not in TO_US:
        raise RequestRefused(f"{kind!r} brings nothing back to us", where="kind")
    with transaction():
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        _refuse_twin(kind, point.esi_id)
        order_id = create_order(
            kind=kind,
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            request={
                "order_type": TO_US[kind],
                "loss_date": loss_date.isoformat(),
                "issue_date": issue_date.isoformat(),
                "issue_number": issue_number,
                "zip_code": zip_code,
                **person_fields(customer),
            },
            brand_id=brand_id,
            account_number=account_number,
            now=now,
            starts=False,
        )
        apply_command(order_id=order_id, name="open issue", now=now, by=by)
        return order_id


def start_return_from_us(
    *,
    kind: str,
    esi_id: str,
    gain_date: dt.date,
    now: dt.datetime,
    tdsp_code: str = "",
    gain_reference: str = "",
    brand_id: int | None = None,
    account_number: str = "",
    by: str = "",
) -> OrderId:
    """We have what is another's: from now on no disconnect leaves for it.

    ``gain_reference`` is the order by which it came: the final read that takes it back names the
    other retailer's order, so this order is found by ESI ID. Raises RequestRefused.
    """
    if kind not in FROM_US:
        raise RequestRefused(f"{kind!r} gives nothing back", where="kind")
    with transaction():
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        _refuse_twin(kind, point.esi_id)
        order_id = create_order(
            kind=kind,
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            request={"gain_date": gain_date.isoformat(), "gain_reference": gain_reference},
            brand_id=brand_id,
            account_number=account_number,
            now=now,
            starts=False,
        )
        apply_command(order_id=order_id, name="discover", now=now, by=by)
        return order_id


def open_issue(
    *, order_id: int, issue_number: str, issue_date: dt.date, now: dt.datetime, by: str = ""
) -> None:
    """The MarkeTrak issue about a gain is open. Raises CommandRefused."""
    with transaction():
        order = lock_order(order_id=order_id)
        order.request = {
            **order.request,
            "issue_number": issue_number,
            "issue_date": issue_date.isoformat(),
        }
        order.save(update_fields=["request"])
        apply_command(order_id=order_id, name="open issue", now=now, by=by)


def note_agreement(*, order_id: int, date: dt.date | None, now: dt.datetime, by: str = "") -> None:
    """Both retailers agreed; ``date`` is the day from which the service point is back.

    Raises RequestRefused for a day that ERCOT or the TDSP refuses, and CommandRefused.
    """
    with transaction():
        order = lock_order(order_id=order_id)
        if order.kind in TO_US:
            _check_return_date(order, date)
        data = {"date": date.isoformat() if date else None}
        apply_command(order_id=order_id, name="agreed", now=now, by=by, data=data)


def send_return(*, order_id: int, now: dt.datetime, by: str = "") -> None:
    """Sends the backdated 814_16; after a refusal under a new number. Raises RequestRefused."""
    with transaction():
        order = lock_order(order_id=order_id)
        calendar = get_calendars().ercot
        if order.requested_date is not None:
            _refuse_not_backdated(order.requested_date, market_date(now), calendar)
        if OutboundMessage.objects.filter(kind="814_16", reference=order.reference).exists():
            # A number that ERCOT has seen is never used again (DOT, RMG 11.2.5.10).
            former = [*order.request.get("former_references", ()), order.reference]
            order.request = {**order.request, "former_references": former}
            order.reference = take_reference(prefix="RR")
            order.save(update_fields=["request", "reference"])
        apply_command(order_id=order_id, name="send", now=now, by=by)


def command_order(*, order_id: int, name: str, now: dt.datetime, by: str = "") -> None:
    """A step without data: ``close``, ``claim``, ``not ours``, ``move-in sent``, ``move-out sent``.

    Raises CommandRefused where the order does not allow it.
    """
    apply_command(order_id=order_id, name=name, now=now, by=by)


def import_no_rep_list(
    *, tdsp_code: str, list_name: str, esi_ids: Iterable[str], now: dt.datetime
) -> ListOutcome:
    """Takes a TDSP's monthly list of premises without a retailer (RMG 7.9).

    Those that we ever had an order for or know as a service point become orders with a work item;
    all others are counted only. The same list again changes nothing.
    """
    rows = known = opened = 0
    refused: list[str] = []
    for line, text in enumerate(esi_ids, start=1):
        if rows >= LIST_ROWS_MAX:
            raise RequestRefused(f"a list has at most {LIST_ROWS_MAX} rows", where=list_name)
        rows += 1
        try:
            point = check_esi_id(text.strip(), tdsp_code=tdsp_code)
        except RequestRefused as refusal:
            refused.append(f"{list_name}:{line}: {refusal.message}")
            continue
        if not _is_known(point.esi_id):
            continue
        known += 1
        opened += _list_point(point.esi_id, tdsp_code, list_name, now)
    return ListOutcome(rows, known, opened, tuple(refused))


def date_of(text: Any) -> dt.date | None:
    """A date of a step's data."""
    return dt.date.fromisoformat(text) if isinstance(text, str) and text else None


def _is_known(esi_id: str) -> bool:
    return (
        Order.objects.filter(esi_id=esi_id).exists()
        or ServicePoint.objects.filter(esi_id=esi_id).exists()
    )


def _list_point(esi_id: str, tdsp_code: str, list_name: str, now: dt.datetime) -> int:
    reference = f"{list_name}:{esi_id}"[:60]
    with transaction():
        if Order.objects.filter(kind="left_in_hot", reference=reference).exists():
            return 0
        order_id = create_order(
            kind="left_in_hot",
            esi_id=esi_id,
            tdsp_code=tdsp_code,
            partner=tdsp_code,
            reference=reference,
            now=now,
            starts=False,
        )
        apply_command(order_id=order_id, name="list", now=now)
    return 1


def _refuse_twin(kind: str, esi_id: str) -> None:
    twin = Order.objects.filter(kind=kind, esi_id=esi_id, is_open=True).first()
    if twin is not None:
        raise RequestRefused(f"{twin} is open already", where="esi_id")


def _check_return_date(order: Order, date: dt.date | None) -> None:
    """RMG 7.3.2.5.1: loss + 1 to issue + 10; RMG 7.3.5: loss + 1 only."""
    if date is None:
        raise RequestRefused("the day of the return is missing", where="date")
    loss, issue = (dt.date.fromisoformat(order.request[n]) for n in ("loss_date", "issue_date"))
    if order.kind == "rescission_return":
        if date != loss + _DAY:
            raise RequestRefused(
                f"after a rescission service is back on {loss + _DAY} only", where="date"
            )
        return
    first = loss + _days("814_16.ia_date_earliest")
    last = issue + _days("814_16.ia_date_latest")
    if not first <= date <= last:
        raise RequestRefused(f"the day of the return is {first} to {last}", where="date")


def _refuse_not_backdated(date: dt.date, today: dt.date, calendar: Calendar) -> None:
    latest = calendar.add_business_days(today, -1)
    if date > latest:
        raise RequestRefused(
            f"a return is backdated by at least one Retail Business Day: wait until {date} is past",
            where="date",
        )


def _days(key: str) -> dt.timedelta:
    value = get_limit(key=key).value
    assert value is not None
    return dt.timedelta(days=int(value))
