"""Tables of context ``meter``."""

from ossrep.meter.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream

__all__ = ["InboxParked", "InboxStream", "OutboxEvent", "OutboxStream"]
