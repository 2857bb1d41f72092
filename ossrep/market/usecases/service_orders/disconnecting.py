"""Disconnect and reconnect for non-payment, as billing asks for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Q, QuerySet

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.db import transaction
from ossrep.market.domain.clocks import Calendar
from ossrep.market.domain.order_requests import check_esi_id, market_date
from ossrep.market.domain.service_orders import (
    DisconnectFacts,
    OwnRefusal,
    check_disconnect,
    choose_priority,
    reconnect_leaves_by,
)
from ossrep.market.models import Moratorium, Order, ServicePoint
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.usecases.orders.apply import apply_command, lock_order
from ossrep.market.usecases.orders.starting import (
    OrderId,
    Person,
    Wish,
    create_order,
    person_fields,
)
from ossrep.market.usecases.work_items import open_work_item

DISCONNECT = "disconnect"
RECONNECT = "reconnect"
_GAINS = Q(kind__in=("switch", "move_in", "csa_return"), state="completed") | Q(
    kind="transition_gain", state="ours"
)
_GAINS_BACK = Q(kind__in=("inadvertent_loss", "rescission_return"), state="restored")
_LOSSES = Q(kind="move_out", state="completed") | Q(
    kind__in=("loss", "transition_loss", "inadvertent_gain", "rescission"),
    state__in=("completed", "lost", "returned"),
)


class DisconnectUnknown(DomainError):
    """A reconnect for a disconnect that nobody asked for."""

    code = "disconnect_unknown"


def request_disconnect(
    *,
    disconnect_id: str,
    esi_id: str,
    tdsp_code: str,
    wanted_date: dt.date,
    customer: Person,
    now: dt.datetime,
    brand_id: int | None = None,
    account_number: str = "",
    amount_overdue_usd: Decimal | None = None,
    is_for_tampering: bool = False,
    is_prepaid: bool = False,
) -> OrderId:
    """Sends a 650_01 DC001 (or DC005) after our own checks; where one fails billing is told why.

    Idempotent by ``disconnect_id``. Raises RequestRefused for data no market file can hold.
    """
    with transaction():
        known = _find_disconnect(disconnect_id)
        if known is not None:
            return OrderId(known.pk)
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        calendar = get_calendars().find(calendar="TDSP", tdsp_code=point.tdsp_code)
        refusals = _refusals(point.esi_id, point.tdsp_code, wanted_date, now, calendar)
        priority = "prepay" if is_prepaid else "standard"
        order_id = create_order(
            kind=DISCONNECT,
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            partner=point.tdsp_code,
            requested_date=wanted_date,
            request={
                "action": "disconnect",
                "purpose": "disconnect_tampering" if is_for_tampering else "disconnect",
                "priority": ""
                if refusals
                else choose_priority(tdsp_code=point.tdsp_code, wish=priority),
                "is_prepaid": is_prepaid,
                "money_at_risk_usd": None
                if amount_overdue_usd is None
                else str(amount_overdue_usd),
                **person_fields(customer),
            },
            brand_id=brand_id,
            account_number=account_number,
            wish=Wish(kind=DISCONNECT, id=disconnect_id),
            now=now,
            starts=False,
        )
        name, data = "start", {}
        if refusals:
            name = "refuse"
            data = {"refusals": [{"code": r.code, "text": r.text} for r in refusals]}
        apply_command(order_id=order_id, name=name, now=now, data=data)
        return order_id


def request_reconnect(*, disconnect_id: str, reason: str, now: dt.datetime) -> OrderId | None:
    """Brings service back, or stops a disconnect that is not worked yet (RMG 7.6.3.8).

    None where the disconnect never happened. Idempotent: while a reconnect is open it is the one.
    Raises DisconnectUnknown.
    """
    with transaction():
        disconnect = _find_disconnect(disconnect_id)
        if disconnect is None:
            raise DisconnectUnknown(f"no disconnect {disconnect_id!r} was asked for")
        disconnect = lock_order(order_id=disconnect.pk)
        if disconnect.state == "gone":
            _ask_about_gone(disconnect, now)
            return None
        if disconnect.state == "sent":
            apply_command(
                order_id=disconnect.pk, name="reconnect", now=now, data={"reason": reason}
            )
            disconnect.refresh_from_db()
        if disconnect.state not in ("cancelling", "disconnected"):
            return None
        return send_reconnect(disconnect=disconnect, now=now, reason=reason)


def send_reconnect(*, disconnect: Order, now: dt.datetime, reason: str) -> OrderId:
    """Sends a 650_01 RC001 (or RC005) that cites a locked disconnect, if none is open."""
    about = Order.objects.filter(target=disconnect, kind=RECONNECT).order_by("-pk")
    open_one = about.filter(is_open=True).first()
    if open_one is not None:
        return OrderId(open_one.pk)
    calendar = get_calendars().find(calendar="TDSP", tdsp_code=disconnect.tdsp_code)
    is_tampering = disconnect.request["purpose"] == "disconnect_tampering"
    leaves_by = reconnect_leaves_by(paid_at=now, calendar=calendar)
    return create_order(
        kind=RECONNECT,
        esi_id=disconnect.esi_id,
        tdsp_code=disconnect.tdsp_code,
        partner=disconnect.partner,
        requested_date=market_date(now),
        request={
            **{name: disconnect.request[name] for name in _PERSON if name in disconnect.request},
            "action": "reconnect",
            "purpose": "reconnect_tampering" if is_tampering else "reconnect",
            "priority": _priority(disconnect, now, calendar),
            "reason": reason,
            "leaves_by": leaves_by.isoformat(),
        },
        target=disconnect,
        brand_id=disconnect.brand_id,
        account_number=disconnect.account_number,
        wish=Wish(kind=RECONNECT, id=disconnect.wish_id),
        attempt=about.count() + 1,
        now=now,
    )


_PERSON = ("customer_name", "contact_name", "phone", "address", "zip_code")


def _priority(disconnect: Order, now: dt.datetime, calendar: Calendar) -> str:
    date = now.astimezone(MARKET_ZONE).date()
    wish = "standard"
    if disconnect.request.get("is_prepaid"):
        wish = "prepay"
    elif date in calendar.holidays:
        wish = "holiday"
    elif not calendar.is_business_day(date):
        wish = "weekend"
    return choose_priority(tdsp_code=disconnect.tdsp_code, wish=wish)


def _find_disconnect(disconnect_id: str) -> Order | None:
    return Order.objects.filter(wish=DISCONNECT, wish_id=disconnect_id).order_by("-attempt").first()


def _refusals(
    esi_id: str, tdsp_code: str, wanted: dt.date, now: dt.datetime, calendar: Calendar
) -> list[OwnRefusal]:
    orders = Order.objects.filter(esi_id=esi_id, is_open=True)
    point = ServicePoint.objects.filter(esi_id=esi_id).first()
    losing = orders.filter(kind__in=("loss", "transition_loss")).order_by("scheduled_date").first()
    moratorium = _moratorium(tdsp_code, point.county if point else "", wanted)
    facts = DisconnectFacts(
        tdsp_code=tdsp_code,
        wanted_date=wanted,
        today=market_date(now),
        now=now,
        is_rep_of_record=_is_ours(esi_id),
        pending_disconnect=_first(orders, "disconnect"),
        pending_move_out=_first(orders, "move_out"),
        gained_in_error=_first(orders, "inadvertent_gain", "rescission"),
        suspended=_first(orders.filter(state__in=("suspended", "terminated")), "suspension"),
        loss_date=losing.scheduled_date if losing else None,
        is_critical_care=bool(point and point.has_special_needs),
        moratorium=(moratorium.county or moratorium.tdsp_code) if moratorium else "",
        moratorium_until=moratorium.last_date if moratorium else None,
    )
    return check_disconnect(facts=facts, calendar=calendar)


def _first(orders: QuerySet[Order], *kinds: str) -> str:
    found = orders.filter(kind__in=kinds).order_by("pk").first()
    return found.reference if found else ""


def _is_ours(esi_id: str) -> bool:
    """The last that came or went decides; who was with us before any order is ours."""
    orders = Order.objects.filter(esi_id=esi_id)
    last = (
        orders.filter(_GAINS | _GAINS_BACK | _LOSSES)
        .order_by("-effective_date", "-changed_at", "-pk")
        .first()
    )
    return last is None or not orders.filter(_LOSSES, pk=last.pk).exists()


def _moratorium(tdsp_code: str, county: str, date: dt.date) -> Moratorium | None:
    days = Moratorium.objects.filter(first_date__lte=date, last_date__gte=date)
    area = Q(county="", tdsp_code=tdsp_code)
    if county:
        area |= Q(county__iexact=county, tdsp_code__in=("", tdsp_code))
    return days.filter(area).order_by("-last_date").first()


def _ask_about_gone(disconnect: Order, now: dt.datetime) -> None:
    open_work_item(
        kind="paid-after-loss",
        key=f"order:{disconnect.pk}",
        title=f"ESI ID {disconnect.esi_id} was paid for after it had left us",
        text=(
            "The meter was off and the service point has left us: we cannot reconnect it. Tell "
            "the customer whom to ask for service."
        ),
        esi_id=disconnect.esi_id,
        tdsp_code=disconnect.tdsp_code,
        order_id=disconnect.pk,
        reference=disconnect.reference,
        now=now,
    )
