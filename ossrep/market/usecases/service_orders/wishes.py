"""What billing asks of the market: disconnects and reconnects."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ossrep.infra.outbox import append
from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import RequestRefused
from ossrep.market.usecases.orders.starting import Person
from ossrep.market.usecases.service_orders.disconnecting import (
    DisconnectUnknown,
    request_disconnect,
    request_reconnect,
)
from ossrep.market.usecases.work_items import open_work_item
from ossrep.published.billing import DisconnectRequested, ReconnectRequested
from ossrep.published.market import DisconnectRefused


def take_disconnect(*, wanted: DisconnectRequested, now: dt.datetime) -> None:
    """Sends the disconnect, or tells billing why not; data no file can hold are refused, too."""
    with transaction():
        try:
            request_disconnect(
                disconnect_id=wanted.disconnect_id,
                esi_id=wanted.esi_id,
                tdsp_code=wanted.tdsp_code,
                wanted_date=wanted.wanted_date,
                customer=Person(name=wanted.customer_name, phone=wanted.contact_phone),
                now=now,
                brand_id=wanted.brand_id,
                account_number=wanted.account_number,
                amount_overdue_usd=Decimal(wanted.amount_overdue_usd),
            )
        except RequestRefused as refusal:
            append(
                context="market",
                event=DisconnectRefused(
                    disconnect_id=wanted.disconnect_id,
                    esi_id=wanted.esi_id,
                    order_reference="",
                    reason_codes=(refusal.code,),
                    reason_text=str(refusal),
                ),
            )


def take_reconnect(*, wanted: ReconnectRequested, now: dt.datetime) -> None:
    """Brings service back; for a disconnect that we never heard of a person is asked."""
    with transaction():
        try:
            request_reconnect(disconnect_id=wanted.disconnect_id, reason=wanted.reason, now=now)
        except DisconnectUnknown as unknown:
            open_work_item(
                kind="reconnect-without-disconnect",
                key=wanted.disconnect_id,
                title=f"A reconnect for ESI ID {wanted.esi_id} names no disconnect of ours",
                text=f"{unknown.message} ({wanted.reason}). Find out whether the meter is on.",
                esi_id=wanted.esi_id,
                now=now,
            )
