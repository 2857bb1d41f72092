"""What an enrollment asks of the catalogue and of the market's registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ossrep.customer.usecases.online_enrollment.defaults import read_defaults
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import EsiId, PlanVersionId
from ossrep.published.market import MarketService, ServicePoint
from ossrep.published.product import PlanVersion, ProductService


class PlanNotOffered(DomainError):
    """The plan is not on sale, or not there, or not to such customers."""

    code = "plan_not_offered"


class ServicePointRefused(DomainError):
    """An ESI ID that cannot be enrolled; ``where`` is the ESI ID."""

    code = "service_point_refused"


def check_plan(*, plan_version_id: int, customer_type: str, zip_code: str) -> PlanVersion:
    """The plan version, on sale for such a customer in one of the ZIP's TDSPs.

    Raises PlanNotOffered.
    """
    wanted = PlanVersionId(plan_version_id)
    plan = resolve(ProductService).get_plan_versions(plan_version_ids=[wanted]).get(wanted)
    where = f"plan {plan_version_id}"
    if plan is None or _newest(plan) != wanted:
        raise PlanNotOffered("is not on sale; take another", where=where)
    is_residential = plan.document.get("customer_class", "residential") == "residential"
    if is_residential != (customer_type == "individual"):
        sort = "homes" if is_residential else "businesses"
        raise PlanNotOffered(f"is for {sort}", where=where)
    tdsp = _tdsp_of(plan)
    tdsps = resolve(MarketService).list_tdsps_of_zip(zip_code=zip_code[:5])
    if tdsp is not None and tdsps and tdsp not in tdsps:
        raise PlanNotOffered(
            f"is sold in the area of {tdsp}; ZIP {zip_code[:5]} is served by {', '.join(tdsps)}",
            where=where,
        )
    return plan


def _newest(plan: PlanVersion) -> PlanVersionId | None:
    key = (plan.plan_code, None)
    return resolve(ProductService).find_plan_version_ids(plans=[key]).get(key)


def check_service_points(
    *, esi_ids: Sequence[str], zip_code: str, kind: str, plan: PlanVersion
) -> Mapping[EsiId, ServicePoint]:
    """The service points, each fit to be enrolled on the plan at that ZIP.

    Raises ServicePointRefused for the first that is not.
    """
    found = resolve(MarketService).find_service_points(esi_ids=[EsiId(e) for e in esi_ids])
    for esi_id in esi_ids:
        reason = _refusal(found.get(EsiId(esi_id)), zip_code, kind, plan)
        if reason:
            raise ServicePointRefused(reason, where=f"ESI ID {esi_id}")
    return found


def _refusal(point: ServicePoint | None, zip_code: str, kind: str, plan: PlanVersion) -> str:
    if point is None:
        return "is not known to the market; check the address"
    if point.zip_code[:5] != zip_code[:5]:
        return f"is not in ZIP {zip_code[:5]}"
    if point.status == "Inactive":
        return "is out of use"
    if point.is_metered is False:
        return "has no meter; such service is sold by contract only, please call"
    if point.has_switch_hold:
        return "has a switch hold: who moves in must show papers, please call"
    if point.status == "De-Energized" and kind == "switch":
        return "has no power on now: choose a move-in"
    tdsp = _tdsp_of(plan)
    if not point.tdsp_code:
        return "has no known wires company; please call"
    if tdsp is not None and tdsp != point.tdsp_code:
        return f"is served by {point.tdsp_code}, and the plan is sold in the area of {tdsp}"
    if not point.read_cycle:
        return "has no known read cycle yet; please call"
    is_home = read_defaults().rate_classes.get(point.premise_type) == "residential"
    wants_home = plan.document.get("customer_class", "residential") == "residential"
    if point.premise_type in read_defaults().rate_classes and is_home != wants_home:
        return f"is {point.premise_type}, and the plan is not for such"
    return ""


def _tdsp_of(plan: PlanVersion) -> str | None:
    label = plan.document.get("efl") or {}
    tdsp: str | None = label.get("tdsp")
    return tdsp
