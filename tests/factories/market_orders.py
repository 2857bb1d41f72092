"""Orders of the market and the answers they get, as typed transactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count
from typing import Any

from ossrep.market.edi.texas_set.changes import (
    CancelRequest,
    CancelResponse,
    DateChangeRequest,
    DateChangeResponse,
    MoveOutResponse,
    Unexecutable,
)
from ossrep.market.edi.texas_set.enrollment import EnrollmentResponse, MoveInReject, SwitchReject
from ossrep.market.edi.texas_set.model import Moment, Party, Reason, Transaction
from ossrep.market.edi.texas_set.registration import Meter
from ossrep.market.edi.texas_set.transitions import CsaMoveIn, LossNotice
from ossrep.market.edi.texas_set.upkeep import CsaRequest, CsaResponse, CustomerInformationResponse
from ossrep.market.models import MarketIdentity, Order
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.handlers import apply_arrived
from ossrep.market.usecases.orders.starting import (
    NO_WISH,
    Person,
    Wish,
    start_move_in,
    start_move_out,
    start_switch,
)
from ossrep.market.usecases.receiving import InboundSetId, Outcome, Received, find_handler
from ossrep.published.customer import Address

ESI_ID = "10443720000000001"
ONCOR = Party("ONCOR", "1039940674000")
NOON = dt.datetime(2026, 6, 1, 17, 0, tzinfo=dt.UTC)
"""Monday 1 June 2026, 12:00 in Texas."""
DAY = dt.date(2026, 6, 10)
JANE = Person(
    name="Jané Sample",
    phone="(214) 555-0100",
    address=Address(
        line1="100 Main St", line2="Apt 1", city="Dallas", state="TX", zip_code="75001"
    ),
)

_numbers = count(1)

Send = Callable[..., Transaction]


def add_identity() -> None:
    """Who we are in the market."""
    if not MarketIdentity.objects.filter(is_default=True).exists():
        MarketIdentity.objects.create(
            duns="1234567890000",
            name="EXAMPLE RETAIL ENERGY",
            isa_id="1234567890000",
            gs_id="1234567890000",
            is_default=True,
        )


def switch(**wanted: Any) -> Order:
    """A switch that is sent."""
    add_identity()
    values: dict[str, Any] = {"esi_id": ESI_ID, "zip_code": "75001", "customer": JANE, "now": NOON}
    return Order.objects.get(pk=start_switch(**{**values, **wanted}))


def move_in(**wanted: Any) -> Order:
    """A move-in that is sent."""
    add_identity()
    values: dict[str, Any] = {
        "esi_id": ESI_ID,
        "zip_code": "75001",
        "customer": JANE,
        "requested_date": DAY,
        "now": NOON,
    }
    return Order.objects.get(pk=start_move_in(**{**values, **wanted}))


def move_out(**wanted: Any) -> Order:
    """A move-out that is sent."""
    add_identity()
    values: dict[str, Any] = {
        "esi_id": ESI_ID,
        "customer": JANE,
        "requested_date": DAY,
        "now": NOON,
    }
    return Order.objects.get(pk=start_move_out(**{**values, **wanted}))


def wish(kind: str, number: str) -> Wish:
    return NO_WISH if not number else Wish(kind=kind, id=number)


def receive(transaction: Transaction, *, now: dt.datetime = NOON) -> Outcome:
    """Hands a transaction to the handler of its kind, as the mailroom does."""
    handler = find_handler(kind=transaction.kind)
    assert handler is not None, transaction.kind
    return handler(
        Received(
            inbound_set_id=InboundSetId(next(_numbers)),
            transaction=transaction,
            partner="ERCOT",
            received_at=now,
        )
    )


def read(
    kind: str,
    *,
    says: str = "",
    original: str = "",
    date: dt.date = DAY,
    now: dt.datetime = NOON,
    reference: str = "",
) -> Outcome:
    """An initial or final read, as it comes from the usage."""
    arrived = Arrived(
        kind=kind,
        says=says,
        reference=reference or f"READ{next(_numbers)}",
        original_reference=original,
        esi_id=ESI_ID,
        date=date,
        at=now,
    )
    return apply_arrived(arrived=arrived, now=now)


def _head(original: str, **more: Any) -> dict[str, Any]:
    return {
        "reference": f"ERCOT{next(_numbers)}",
        "original_reference": original,
        "date": NOON.date(),
        "esi_id": ESI_ID,
        "tdsp": ONCOR,
        **more,
    }


def _reasons(codes: tuple[str, ...]) -> tuple[Reason, ...]:
    return tuple(Reason(code, f"TEXT OF {code}") for code in codes)


def switch_reject(original: str, *codes: str) -> SwitchReject:
    return SwitchReject(**_head(original), rejects=_reasons(codes))


def move_in_reject(original: str, *codes: str) -> MoveInReject:
    return MoveInReject(**_head(original), rejects=_reasons(codes))


def scheduled(original: str, date: dt.date = DAY, **more: Any) -> EnrollmentResponse:
    meter = Meter(
        number="100000001LG",
        read_cycle="17",
        rate_class="RESIDENTIAL",
        load_profile="RESHIWR_NCENT_IDR_WS_NOTOU",
    )
    return EnrollmentResponse(
        **_head(original, **more), action="WQ", scheduled_date=date, meters=(meter,)
    )


def not_scheduled(original: str, *codes: str) -> EnrollmentResponse:
    return EnrollmentResponse(**_head(original), action="U", rejects=_reasons(codes))


def ercot_cancel(original: str, *codes: str) -> CancelRequest:
    return CancelRequest(**_head(original), reasons=_reasons(codes))


def cancel_answer(original: str, action: str, *codes: str) -> CancelResponse:
    return CancelResponse(**_head(original), action=action, rejects=_reasons(codes))


def change_answer(
    original: str, action: str, *codes: str, date: dt.date | None = None, counter: str = ""
) -> DateChangeResponse:
    return DateChangeResponse(
        **_head(original),
        action=action,
        rejects=_reasons(codes),
        move_in_date=date,
        counter=_moment(counter),
    )


def moved(original: str, date: dt.date, counter: str) -> DateChangeRequest:
    return DateChangeRequest(**_head(original), move_in_date=date, counter=_moment(counter))


def move_out_answer(
    original: str, action: str, *codes: str, date: dt.date | None = None
) -> MoveOutResponse:
    return MoveOutResponse(**_head(original), action=action, rejects=_reasons(codes), end_date=date)


def unexecutable(original: str, *codes: str) -> Unexecutable:
    return Unexecutable(**_head(original), order_type="09", reasons=_reasons(codes))


def permit(original: str) -> Unexecutable:
    return Unexecutable(**_head(original), order_type="PT")


def loss(original: str, date: dt.date = DAY, service: str = "SW") -> LossNotice:
    return LossNotice(**_head(original), service=service, end_date=date)


def csa_return(original: str, date: dt.date = DAY) -> CsaMoveIn:
    return CsaMoveIn(**_head(original), scheduled_date=date)


def csa_answer(original: str, action: str, *codes: str) -> CsaResponse:
    return CsaResponse(**_head(original), action=action, rejects=_reasons(codes))


def information_answer(
    original: str, action: str, *codes: str, esi_id: str = ESI_ID
) -> CustomerInformationResponse:
    head = {**_head(original), "esi_id": esi_id}
    return CustomerInformationResponse(action=action, rejects=_reasons(codes), **head)


def csa_notice(start: dt.date) -> CsaRequest:
    return CsaRequest(**_head(""), start_date=start)


def _moment(counter: str) -> Moment | None:
    if not counter:
        return None
    at = dt.datetime.strptime(counter, "%Y%m%d%H%M")  # noqa: DTZ007
    return Moment(at.date(), at.time())
