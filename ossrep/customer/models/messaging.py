"""This context's outbox and inbox."""

from __future__ import annotations

from ossrep.infra.outbox.models import (
    InboxParkedBase,
    InboxStreamBase,
    OutboxEventBase,
    OutboxStreamBase,
)


class OutboxStream(OutboxStreamBase):
    class Meta(OutboxStreamBase.Meta):
        pass


class OutboxEvent(OutboxEventBase):
    class Meta(OutboxEventBase.Meta):
        pass


class InboxStream(InboxStreamBase):
    class Meta(InboxStreamBase.Meta):
        pass


class InboxParked(InboxParkedBase):
    class Meta(InboxParkedBase.Meta):
        pass
