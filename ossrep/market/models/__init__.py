"""Tables of context ``market``."""

from ossrep.market.models.claims import ClaimState, InvoiceAudit, TdspClaim
from ossrep.market.models.deadlines import Deadline, DeadlineState, Holiday
from ossrep.market.models.extracts import EsiIdExtract, ExtractDocument, ExtractState
from ossrep.market.models.inbound import (
    BusinessNumber,
    InboundArrival,
    InboundChunk,
    InboundFile,
    InboundGroup,
    InboundInterchange,
    InboundOutcome,
    InboundSet,
    InboundWork,
    ParkedSet,
)
from ossrep.market.models.marketrak import MarketrakEntry, MarketrakIssue
from ossrep.market.models.matching import (
    InvoiceDocument,
    MatchedPeriod,
    StandaloneCharges,
    UnmappedCharge,
    UsageDocument,
)
from ossrep.market.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream
from ossrep.market.models.orders import Order, OrderStep, WaitingMessage
from ossrep.market.models.outbound import (
    Acknowledgment,
    ControlNumber,
    Delivery,
    OutboundGroup,
    OutboundInterchange,
    OutboundMessage,
    Placement,
    QueuedMessage,
)
from ossrep.market.models.partners import HAND, Channel, MarketIdentity, TradingPartner
from ossrep.market.models.payments import OpenInvoice, PaymentState, TdspPayment, TdspPaymentLine
from ossrep.market.models.read_calendar import ReadDate, RefusedReadRow
from ossrep.market.models.reference import Iso, Tdsp, TdspAlias, TdspDuns
from ossrep.market.models.retail_files import (
    CbciAnswer,
    CbciError,
    CbciFile,
    RefusedFileRow,
    SwitchHoldList,
)
from ossrep.market.models.service_points import (
    Moratorium,
    ServicePoint,
    ServicePointChange,
    ServicePointTally,
)
from ossrep.market.models.work_items import WorkItem, WorkItemNote, WorkItemState

__all__ = [
    "HAND",
    "Acknowledgment",
    "BusinessNumber",
    "CbciAnswer",
    "CbciError",
    "CbciFile",
    "Channel",
    "ClaimState",
    "ControlNumber",
    "Deadline",
    "DeadlineState",
    "Delivery",
    "EsiIdExtract",
    "ExtractDocument",
    "ExtractState",
    "Holiday",
    "InboundArrival",
    "InboundChunk",
    "InboundFile",
    "InboundGroup",
    "InboundInterchange",
    "InboundOutcome",
    "InboundSet",
    "InboundWork",
    "InboxParked",
    "InboxStream",
    "InvoiceAudit",
    "InvoiceDocument",
    "Iso",
    "MarketIdentity",
    "MarketrakEntry",
    "MarketrakIssue",
    "MatchedPeriod",
    "Moratorium",
    "OpenInvoice",
    "Order",
    "OrderStep",
    "OutboundGroup",
    "OutboundInterchange",
    "OutboundMessage",
    "OutboxEvent",
    "OutboxStream",
    "ParkedSet",
    "PaymentState",
    "Placement",
    "QueuedMessage",
    "ReadDate",
    "RefusedFileRow",
    "RefusedReadRow",
    "ServicePoint",
    "ServicePointChange",
    "ServicePointTally",
    "StandaloneCharges",
    "SwitchHoldList",
    "Tdsp",
    "TdspAlias",
    "TdspClaim",
    "TdspDuns",
    "TdspPayment",
    "TdspPaymentLine",
    "TradingPartner",
    "UnmappedCharge",
    "UsageDocument",
    "WaitingMessage",
    "WorkItem",
    "WorkItemNote",
    "WorkItemState",
]
