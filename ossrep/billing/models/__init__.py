"""Tables of context ``billing``."""

from ossrep.billing.models.changes import ChangedRow
from ossrep.billing.models.charges import (
    Charge,
    ChargeKind,
    DeliverySource,
    Reversal,
    UsageSource,
)
from ossrep.billing.models.invoices import (
    Invoice,
    InvoiceLine,
    InvoiceTax,
    LineTemplate,
    PrintedPart,
    TaxTemplate,
)
from ossrep.billing.models.ledger import (
    LedgerAccount,
    LedgerAccountKind,
    LedgerBalance,
    SourceKind,
    Transfer,
    TransferKind,
)
from ossrep.billing.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream
from ossrep.billing.models.opening import OpeningAccount, OpeningSite, OpeningUsage
from ossrep.billing.models.payments import Payment, RefusedKind, RefusedRow
from ossrep.billing.models.runs import (
    LIVE_ITEM_STATES,
    BillRun,
    BillRunChunk,
    BillRunItem,
    InvoiceSeries,
    ItemKind,
    ItemState,
    RunKind,
    RunState,
)
from ossrep.billing.models.taxes import (
    LawRate,
    LawRateKind,
    LocalTax,
    LocalTaxRate,
    TaxPlace,
)
from ossrep.billing.models.workitems import (
    AccountHold,
    GuardThreshold,
    WorkItem,
    WorkItemStatus,
)

__all__ = [
    "LIVE_ITEM_STATES",
    "AccountHold",
    "BillRun",
    "BillRunChunk",
    "BillRunItem",
    "ChangedRow",
    "Charge",
    "ChargeKind",
    "DeliverySource",
    "GuardThreshold",
    "InboxParked",
    "InboxStream",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "InvoiceTax",
    "ItemKind",
    "ItemState",
    "LawRate",
    "LawRateKind",
    "LedgerAccount",
    "LedgerAccountKind",
    "LedgerBalance",
    "LineTemplate",
    "LocalTax",
    "LocalTaxRate",
    "OpeningAccount",
    "OpeningSite",
    "OpeningUsage",
    "OutboxEvent",
    "OutboxStream",
    "Payment",
    "PrintedPart",
    "RefusedKind",
    "RefusedRow",
    "Reversal",
    "RunKind",
    "RunState",
    "SourceKind",
    "TaxPlace",
    "TaxTemplate",
    "Transfer",
    "TransferKind",
    "UsageSource",
    "WorkItem",
    "WorkItemStatus",
]
