"""Starts orders: checks, the order's row, its first step, the message and its deadline at once.

Everything happens in one transaction; a refusal changes nothing. The same wish again is the
same order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NewType

from django.db import IntegrityError

from ossrep.kernel.events import to_payload
from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import (
    NAME_CHARS_MAX,
    RequestRefused,
    check_esi_id,
    check_move_in_date,
    check_move_out_date,
    check_name,
    check_phone,
    check_switch_date,
    check_zip,
)
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.edi.texas_set.text import to_market_text
from ossrep.market.models import Order
from ossrep.market.usecases.interchange.outbound import take_reference
from ossrep.market.usecases.orders.apply import apply_command
from ossrep.market.usecases.orders.finding import adopt_waiting
from ossrep.published.customer import Address

OrderId = NewType("OrderId", int)

ERCOT = "ERCOT"
LINE_CHARS_MAX = 55
ADDRESS_CHARS_MAX = {"city": 30, "state": 2, "zip_code": 15}
"""What N3 and N4 hold in X12 004010."""
NO_ADDRESS = Address(line1="", line2="", city="", state="", zip_code="")
_PREFIX = {
    "switch": "SW",
    "move_in": "MI",
    "move_out": "MO",
    "cancel": "CX",
    "date_change": "DC",
    "csa": "CS",
    "csa_change": "CC",
    "csa_delete": "CD",
    "disconnect": "DN",
    "reconnect": "RN",
    "hold_add": "HA",
    "hold_remove": "HR",
    "history": "HU",
    "customer_information": "PC",
    "inadvertent_loss": "IL",
    "inadvertent_gain": "IG",
    "rescission": "RS",
    "rescission_return": "RR",
    "left_in_hot": "LH",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What another context asked for, once and for all: ``enrollment`` and its id."""

    kind: str = ""
    id: str = ""


NO_WISH = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The customer as the market is told."""

    name: str
    contact_name: str = ""
    phone: str = ""
    address: Address = NO_ADDRESS


def start_switch(
    *,
    esi_id: str,
    zip_code: str,
    customer: Person,
    now: dt.datetime,
    tdsp_code: str = "",
    requested_date: dt.date | None = None,
    has_special_needs: bool = False,
    wants_usage_history: bool = False,
    brand_id: int | None = None,
    account_number: str = "",
    wish: Wish = NO_WISH,
    by: str = "",
) -> OrderId:
    """Asks for a service point by 814_01; without a date on the first one available.

    Idempotent by ``wish``. Raises RequestRefused, and what queueing raises.
    """
    with transaction():
        if (known := find_wish(wish)) is not None:
            return known
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        check_switch_date(requested_date, now=now)
        _refuse_twin("switch", point.esi_id, requested_date)
        return create_order(
            kind="switch",
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            requested_date=requested_date,
            request={
                "zip_code": check_zip(zip_code),
                "has_special_needs": has_special_needs,
                "wants_usage_history": wants_usage_history,
                **person_fields(customer),
            },
            brand_id=brand_id,
            account_number=account_number,
            wish=wish,
            now=now,
            by=by,
        )


def start_move_in(
    *,
    esi_id: str,
    zip_code: str,
    customer: Person,
    requested_date: dt.date,
    now: dt.datetime,
    tdsp_code: str = "",
    is_priority: bool = False,
    order_type: str = "",
    is_agreed_backdate: bool = False,
    has_special_needs: bool = False,
    wants_usage_history: bool = False,
    brand_id: int | None = None,
    account_number: str = "",
    wish: Wish = NO_WISH,
    by: str = "",
) -> OrderId:
    """Asks for service for a new occupant by 814_16.

    ``order_type``: ``IA`` returns an inadvertent gain, ``CR`` follows a rescission; both may be
    backdated, and never with priority (RMG 7.3.3). Raises RequestRefused.
    """
    with transaction():
        if (known := find_wish(wish)) is not None:
            return known
        if order_type not in ("", "IA", "CR"):
            raise RequestRefused(f"{order_type!r} is neither IA nor CR", where="order_type")
        if order_type and is_priority:
            raise RequestRefused("a return has standard priority", where="is_priority")
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        check_move_in_date(
            requested_date, now=now, order_type=order_type, is_agreed=is_agreed_backdate
        )
        _refuse_twin("move_in", point.esi_id, requested_date)
        return create_order(
            kind="move_in",
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            requested_date=requested_date,
            request={
                "zip_code": check_zip(zip_code),
                "is_priority": is_priority,
                "order_type": order_type,
                "has_special_needs": has_special_needs,
                "wants_usage_history": wants_usage_history,
                **person_fields(customer),
            },
            brand_id=brand_id,
            account_number=account_number,
            wish=wish,
            now=now,
            by=by,
        )


def start_move_out(
    *,
    esi_id: str,
    requested_date: dt.date,
    customer: Person,
    now: dt.datetime,
    tdsp_code: str = "",
    insists: bool = False,
    bypasses_csa: bool = False,
    is_agreed_backdate: bool = False,
    brand_id: int | None = None,
    account_number: str = "",
    wish: Wish = NO_WISH,
    by: str = "",
) -> OrderId:
    """Ends service by 814_24.

    ``insists`` sends ``2MR`` after a first move-out came back unexecutable (RMG 7.16.1);
    ``bypasses_csa`` sends ``2W``, which only the holder of the agreement may (RMG 11.4.13).
    Raises RequestRefused.
    """
    with transaction():
        if (known := find_wish(wish)) is not None:
            return known
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        check_move_out_date(requested_date, now=now, is_agreed=is_agreed_backdate)
        _refuse_twin("move_out", point.esi_id, requested_date)
        if insists:
            _refuse_second_without_first(point.esi_id)
        if bypasses_csa:
            _refuse_bypass_of_others(point.esi_id, requested_date)
        return create_order(
            kind="move_out",
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            requested_date=requested_date,
            request={
                "insists": insists,
                "bypasses_csa": bypasses_csa,
                **person_fields(customer),
            },
            brand_id=brand_id,
            account_number=account_number,
            wish=wish,
            now=now,
            by=by,
        )


def create_order(
    *,
    kind: str,
    esi_id: str,
    tdsp_code: str,
    now: dt.datetime,
    partner: str = ERCOT,
    reference: str = "",
    requested_date: dt.date | None = None,
    request: dict[str, Any] | None = None,
    target: Order | None = None,
    counter: str = "",
    brand_id: int | None = None,
    account_number: str = "",
    wish: Wish = NO_WISH,
    attempt: int = 1,
    by: str = "",
    starts: bool = True,
) -> OrderId:
    """Creates an order of any process and, unless a message begins it, commands its start.

    In the caller's transaction; ``reference`` is made where none is given. Messages that waited
    for such an order are applied. Raises RequestRefused where the wish has an order already.
    """
    order = Order(
        kind=kind,
        state=PROCESSES[kind].first,
        esi_id=esi_id,
        tdsp_code=tdsp_code,
        partner=partner,
        brand_id=brand_id,
        reference=reference or take_reference(prefix=_PREFIX.get(kind, "OR")),
        target=target,
        wish=wish.kind,
        wish_id=wish.id,
        attempt=attempt,
        account_number=account_number,
        requested_date=requested_date,
        counter=counter,
        request=request or {},
        started_at=now,
        changed_at=now,
    )
    try:
        with transaction():
            order.save(force_insert=True)
    except IntegrityError as error:
        if "market_order_wish" not in str(error):
            raise
        raise RequestRefused(f"{wish.kind} {wish.id} has an order already", where="wish") from error
    if starts:
        apply_command(order_id=order.pk, name="start", now=now, by=by)
        adopt_waiting(order_id=order.pk, now=now)
    return OrderId(order.pk)


def find_wish(wish: Wish) -> OrderId | None:
    """The newest order for a wish; None where there is none, or no wish."""
    if not wish.kind:
        return None
    orders = Order.objects.filter(wish=wish.kind, wish_id=wish.id).order_by("-attempt")
    found = orders.values_list("pk", flat=True).first()
    return None if found is None else OrderId(found)


def person_fields(person: Person) -> dict[str, Any]:
    """The fields of a request that tell of the customer, as the market takes them."""
    name = check_name(person.name, where="customer_name")
    address = {
        key: to_market_text(str(text), longest=ADDRESS_CHARS_MAX.get(key, LINE_CHARS_MAX))
        for key, text in to_payload(person.address).items()
    }
    return {
        "customer_name": name,
        "contact_name": to_market_text(person.contact_name, longest=NAME_CHARS_MAX) or name,
        "phone": check_phone(person.phone),
        "address": address,
    }


def _refuse_twin(kind: str, esi_id: str, requested_date: dt.date | None) -> None:
    """Two orders of one kind for one date: the second would come back NFI (RMG 11.2.1.1)."""
    twins = Order.objects.filter(
        kind=kind, esi_id=esi_id, is_open=True, requested_date=requested_date
    )
    twin = twins.first()
    if twin is not None:
        date = requested_date or "the first date available"
        raise RequestRefused(
            f"{twin.reference} asks for a {kind.replace('_', '-')} on {date} already",
            where="esi_id",
        )


def _refuse_second_without_first(esi_id: str) -> None:
    first = Order.objects.filter(kind="move_out", esi_id=esi_id).order_by("-pk").first()
    if first is None or first.state != "unexecutable":
        raise RequestRefused(
            "a second move-out (2MR) follows one that came back unexecutable; else it is "
            "refused (I2M)",
            where="insists",
        )


def _refuse_bypass_of_others(esi_id: str, date: dt.date) -> None:
    agreements = Order.objects.filter(kind="csa", esi_id=esi_id, state="agreed")
    if not any(_in_force(agreement, date) for agreement in agreements):
        raise RequestRefused(
            "only the retailer whose continuous service agreement is in force may bypass it",
            where="bypasses_csa",
        )


def _in_force(agreement: Order, date: dt.date) -> bool:
    start, end = agreement.scheduled_date, agreement.request.get("end_date")
    return (start is None or start <= date) and (not end or dt.date.fromisoformat(end) >= date)
