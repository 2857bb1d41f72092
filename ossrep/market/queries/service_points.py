"""The registry of service points as others ask for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Sum

from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.market import models
from ossrep.published.market import ServicePoint


def list_tdsps_of_zip(*, zip_code: str) -> Sequence[TdspCode]:
    """Codes of the TDSPs that have a live service point in a ZIP (first five digits), sorted."""
    counted = models.ServicePointTally.objects.filter(zip_code=zip_code[:5], tdsp_code__gt="")
    counts = counted.values("tdsp_code").annotate(points=Sum("delta")).filter(points__gt=0)
    return sorted(TdspCode(row["tdsp_code"]) for row in counts)


def find_service_points(*, esi_ids: Collection[str]) -> Mapping[EsiId, ServicePoint]:
    """What the registry knows of each ESI ID; unknown and deleted ones are left out."""
    rows = models.ServicePoint.objects.filter(esi_id__in=list(esi_ids), deleted_at=None)
    return {EsiId(row.esi_id): published(row) for row in rows}


def published(row: models.ServicePoint) -> ServicePoint:
    """A row as other contexts see it."""
    return ServicePoint(
        esi_id=EsiId(row.esi_id),
        tdsp_code=TdspCode(row.tdsp_code),
        status=row.status,
        street=row.street,
        street_line2=row.street_line2,
        city=row.city,
        state=row.state,
        zip_code=row.zip_code,
        county=row.county,
        read_cycle=row.read_cycle,
        premise_type=row.premise_type,
        is_metered=row.is_metered,
        has_switch_hold=row.has_switch_hold,
    )
