"""What periods of service points were billed on."""

from __future__ import annotations

from collections.abc import Collection

from ossrep.billing.models import Charge
from ossrep.billing.models.charges import DeliverySource
from ossrep.kernel.identifiers import EsiId
from ossrep.published.billing import ServicePeriod


def find_billed_by_tariff(*, periods: Collection[ServicePeriod]) -> frozenset[ServicePeriod]:
    """Those whose bill in force took the delivery charges from the tariff; one query."""
    charges = Charge.objects.filter(
        esi_id__in={each.esi_id for each in periods},
        delivery_source=DeliverySource.TARIFF,
        reversal=None,
    )
    rows = charges.values_list("esi_id", "period_start", "period_end")
    return frozenset(ServicePeriod(EsiId(e), start, end) for e, start, end in rows) & set(periods)
