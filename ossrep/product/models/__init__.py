"""Tables of context ``product``."""

from ossrep.product.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream

__all__ = ["InboxParked", "InboxStream", "OutboxEvent", "OutboxStream"]
