"""What this context does with others' events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields

from ossrep.infra.inbox import Handler
from ossrep.kernel.events import EventEnvelope
from ossrep.meter.usecases.record_register_usage import (
    cancel_register_usage,
    record_register_usage,
)
from ossrep.published.market import UsageCancelled, UsageReceived


def store_usage(envelope: EventEnvelope) -> None:
    """``market.usage-received.v1``: monthly usage of a meter point."""
    payload = envelope.payload
    # Fields that a later version adds are not ours to know.
    known = {field.name: payload[field.name] for field in fields(UsageReceived)}
    usage = UsageReceived(
        **{
            **known,
            "start_date": dt.date.fromisoformat(payload["start_date"]),
            "end_date": dt.date.fromisoformat(payload["end_date"]),
            "received_at": dt.datetime.fromisoformat(payload["received_at"]),
        }
    )
    record_register_usage(usage=usage)


def cancel_usage(envelope: EventEnvelope) -> None:
    """``market.usage-cancelled.v1``: monthly usage that counts no more."""
    payload = envelope.payload
    known = {field.name: payload[field.name] for field in fields(UsageCancelled)}
    cancelled = UsageCancelled(
        **{
            **known,
            "start_date": dt.date.fromisoformat(payload["start_date"]),
            "end_date": dt.date.fromisoformat(payload["end_date"]),
            "cancelled_at": dt.datetime.fromisoformat(payload["cancelled_at"]),
        }
    )
    cancel_register_usage(cancelled=cancelled)


HANDLERS: Mapping[str, Handler] = {
    UsageReceived.event_type: store_usage,
    UsageCancelled.event_type: cancel_usage,
}
