"""Tables of context ``market``."""

from ossrep.market.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream
from ossrep.market.models.read_calendar import ReadDate, RefusedReadRow
from ossrep.market.models.reference import Iso, Tdsp

__all__ = [
    "InboxParked",
    "InboxStream",
    "Iso",
    "OutboxEvent",
    "OutboxStream",
    "ReadDate",
    "RefusedReadRow",
    "Tdsp",
]
