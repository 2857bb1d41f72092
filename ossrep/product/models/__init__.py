"""Tables of context ``product``."""

from ossrep.product.models.brand import Brand
from ossrep.product.models.changes import ChangedRow
from ossrep.product.models.legal_document import LegalDocument
from ossrep.product.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream
from ossrep.product.models.plan import Plan, PlanDraft, PlanVersion
from ossrep.product.models.price import MISSING_PRICE, PriceCorrection, PriceDay, RefusedPriceRow
from ossrep.product.models.shared_definition import SharedDefinition
from ossrep.product.models.tariff import TariffRow, TariffSeries

__all__ = [
    "MISSING_PRICE",
    "Brand",
    "ChangedRow",
    "InboxParked",
    "InboxStream",
    "LegalDocument",
    "OutboxEvent",
    "OutboxStream",
    "Plan",
    "PlanDraft",
    "PlanVersion",
    "PriceCorrection",
    "PriceDay",
    "RefusedPriceRow",
    "SharedDefinition",
    "TariffRow",
    "TariffSeries",
]
