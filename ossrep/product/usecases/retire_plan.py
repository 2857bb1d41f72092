"""Takes plan versions off the shelf."""

from __future__ import annotations

import datetime as dt

from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.product.db import ALIAS, transaction
from ossrep.product.models import PlanVersion
from ossrep.product.usecases.publish_plan import lock_plan
from ossrep.published.product import PlanVersionRetired


class NothingToRetire(DomainError):
    """No version on sale fits."""

    code = "nothing_to_retire"


def retire_plan(
    *, plan_code: str, as_of: dt.datetime, version: int | None = None, reason: str = ""
) -> tuple[int, ...]:
    """Retires one version, or every version on sale, and tells each
    (``product.plan-version-retired.v1``). Contracts on them go on. Gives the version numbers.
    """
    with transaction():
        plan = lock_plan(plan_code)
        on_sale = PlanVersion.objects.filter(plan=plan, retired_at__isnull=True)
        if version is not None:
            on_sale = on_sale.filter(version=version)
        versions = list(on_sale.order_by("version"))
        if not versions:
            which = f"version {version}" if version else "version"
            raise NothingToRetire(f"plan {plan_code} has no {which} on sale")
        for row in versions:
            if as_of < row.published_at:
                raise NothingToRetire(f"{row} is on sale only from {row.published_at}")
            row.retire(at=as_of, reason=reason[:200])
        outbox.append_many(
            context=ALIAS,
            events=[
                PlanVersionRetired(plan_version_id=row.pk, plan_code=plan.code, version=row.version)
                for row in versions
            ],
        )
    return tuple(row.version for row in versions)
