"""Published plan versions by id and by plan code."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ossrep.kernel.identifiers import BrandId, PlanVersionId
from ossrep.product import models
from ossrep.published.product import PlanVersion


def get_plan_versions(
    *, plan_version_ids: Collection[PlanVersionId]
) -> Mapping[PlanVersionId, PlanVersion]:
    """Published or retired versions by id, one query; unknown ids are left out."""
    rows = models.PlanVersion.objects.filter(pk__in=plan_version_ids).select_related("plan")
    return {PlanVersionId(row.pk): _version(row) for row in rows}


def find_plan_version_ids(
    *, plans: Collection[tuple[str, int | None]]
) -> Mapping[tuple[str, int | None], PlanVersionId]:
    """(plan code, version) to id, retired ones too; (plan code, None) to the newest on sale."""
    rows = (
        models.PlanVersion.objects.filter(plan__code__in={code for code, _ in plans})
        .order_by("version")
        .values_list("plan__code", "version", "pk", "retired_at")
    )
    known: dict[tuple[str, int | None], PlanVersionId] = {}
    for code, version, pk, retired_at in rows:
        known[code, version] = PlanVersionId(pk)
        if retired_at is None:
            known[code, None] = PlanVersionId(pk)
    return {key: known[key] for key in plans if key in known}


def _version(row: models.PlanVersion) -> PlanVersion:
    return PlanVersion(
        plan_version_id=PlanVersionId(row.pk),
        plan_code=row.plan.code,
        version=row.version,
        name=row.name,
        brand_id=BrandId(row.plan.brand_id),
        document=row.document,
    )
