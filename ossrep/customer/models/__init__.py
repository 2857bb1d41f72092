"""Tables of context ``customer``."""

from ossrep.customer.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream

__all__ = ["InboxParked", "InboxStream", "OutboxEvent", "OutboxStream"]
