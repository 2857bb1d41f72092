"""Tables of context ``billing``."""

from ossrep.billing.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream

__all__ = ["InboxParked", "InboxStream", "OutboxEvent", "OutboxStream"]
