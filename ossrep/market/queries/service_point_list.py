"""The registry of service points in pages, and one by its id."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum

from ossrep.market.models import ServicePoint, ServicePointTally


def count_service_points() -> int:
    """How many live ones there are, from the tally: no row of the registry is read."""
    total = ServicePointTally.objects.aggregate(total=Sum("delta"))["total"]
    return int(total or 0)


def list_service_points(*, rows: slice) -> Sequence[ServicePoint]:
    """Live ones by id; the ids come from an index alone, so that far pages stay cheap."""
    ids = list(
        ServicePoint.objects.filter(deleted_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)[rows]
    )
    return list(ServicePoint.objects.filter(pk__in=ids).order_by("pk"))


def find_service_point(*, service_point_id: int) -> ServicePoint | None:
    """A live one by its id, or None."""
    return ServicePoint.objects.filter(pk=service_point_id, deleted_at=None).first()


def find_by_esi_id(*, esi_id: str) -> ServicePoint | None:
    """A live one by its ESI ID, or None."""
    return ServicePoint.objects.filter(esi_id=esi_id, deleted_at=None).first()
