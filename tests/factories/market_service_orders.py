"""Service orders of the market and what comes back for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from ossrep.market.edi.texas_set.model import Moment, Party, Reason, Transaction
from ossrep.market.edi.texas_set.service_orders import OutageNotice, ServiceOrderResponse
from ossrep.market.edi.texas_set.transitions import DropEnrollment, DropResponse
from ossrep.market.edi.texas_set.upkeep import EsiIdMaintenance, HistoryResponse
from ossrep.market.edi.texas_set.usage import HistoricalUsage
from ossrep.market.models import Order
from ossrep.market.usecases.orders.apply import apply_command
from ossrep.market.usecases.receiving import InboundSetId, Outcome, Received, find_handler
from ossrep.market.usecases.service_orders.disconnecting import (
    request_disconnect,
    request_reconnect,
)
from tests.factories.market_orders import ESI_ID, JANE, ONCOR, add_identity

CHICAGO = ZoneInfo("America/Chicago")
_numbers = count(1)


def at(day: int, hhmm: str) -> dt.datetime:
    """A day of June 2026, which begins on a Monday, in Central time."""
    time = dt.time.fromisoformat(hhmm)
    return dt.datetime.combine(dt.date(2026, 6, day), time, CHICAGO).astimezone(dt.UTC)


NOON = at(1, "12:00")
WANTED = dt.date(2026, 6, 3)


def disconnect(**wanted: Any) -> Order:
    """A disconnect as billing asks for it, wanted for Wednesday 3 June 2026."""
    add_identity()
    values: dict[str, Any] = {
        "disconnect_id": "D1",
        "esi_id": ESI_ID,
        "tdsp_code": "ONCOR_ELEC",
        "wanted_date": WANTED,
        "customer": JANE,
        "amount_overdue_usd": Decimal("321.09"),
        "now": NOON,
    }
    return Order.objects.get(pk=request_disconnect(**{**values, **wanted}))


def reconnect(now: dt.datetime = NOON) -> Order:
    """The reconnect for that disconnect."""
    order_id = request_reconnect(disconnect_id="D1", reason="paid", now=now)
    assert order_id is not None
    return Order.objects.get(pk=order_id)


def do(order: Order, name: str, now: dt.datetime = NOON) -> None:
    apply_command(order_id=order.pk, name=name, now=now)


def receive(
    transaction: Transaction, *, now: dt.datetime = NOON, partner: str = "ONCOR_ELEC"
) -> Outcome:
    """Hands a transaction to the handler of its kind, as the mailroom does."""
    handler = find_handler(kind=transaction.kind)
    assert handler is not None, transaction.kind
    return handler(
        Received(
            inbound_set_id=InboundSetId(next(_numbers)),
            transaction=transaction,
            partner=partner,
            received_at=now,
        )
    )


def _head(original: str, **more: Any) -> dict[str, Any]:
    return {
        "reference": f"TDSP{next(_numbers)}",
        "original_reference": original,
        "date": NOON.date(),
        "esi_id": ESI_ID,
        "tdsp": ONCOR,
        "retailer": Party("EXAMPLE RETAIL ENERGY", "1234567890000"),
        **more,
    }


def _reasons(codes: tuple[str, ...]) -> tuple[Reason, ...]:
    return tuple(Reason(code, f"TEXT OF {code}") for code in codes)


def done(order: Order, day: int = 3, hhmm: str = "09:19") -> ServiceOrderResponse:
    """650_02 ``51``."""
    moment = Moment(dt.date(2026, 6, day), dt.time.fromisoformat(hhmm))
    return ServiceOrderResponse(
        **_head(order.reference), purpose=order.kind, action="51", completed=moment
    )


def refused(order: Order, *codes: str) -> ServiceOrderResponse:
    """650_02 ``U``."""
    return ServiceOrderResponse(
        **_head(order.reference), purpose=order.kind, action="U", rejects=_reasons(codes)
    )


def unexecutable(order: Order, *codes: str) -> ServiceOrderResponse:
    """650_02 with REF*G7."""
    return ServiceOrderResponse(
        **_head(order.reference), purpose=order.kind, action="51", unexecutables=_reasons(codes)
    )


def answer(order: Order, action: str) -> ServiceOrderResponse:
    """650_02 with a BGN08 of its own."""
    return ServiceOrderResponse(**_head(order.reference), purpose=order.kind, action=action)


def notice(action: str = "", category: str = "", **more: Any) -> OutageNotice:
    return OutageNotice(**_head("", **more), action=action, category=category)


def maintenance(**more: Any) -> EsiIdMaintenance:
    return EsiIdMaintenance(**_head("", **more))


def history_answer(original: str, action: str, *codes: str) -> HistoryResponse:
    return HistoryResponse(**_head(original), action=action, rejects=_reasons(codes))


def drop(original: str, action: str = "WQ", **more: Any) -> DropResponse:
    return DropResponse(**_head(original, **more), action=action)


def given(original: str, **more: Any) -> DropEnrollment:
    return DropEnrollment(**_head(original, **more))


def history(original: str) -> HistoricalUsage:
    """867_02 that names the request by REF*TN."""
    return HistoricalUsage(**_head(""), purpose="52", order_reference=original)
