"""Tables of context ``market``."""

from ossrep.market.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream

__all__ = ["InboxParked", "InboxStream", "OutboxEvent", "OutboxStream"]
