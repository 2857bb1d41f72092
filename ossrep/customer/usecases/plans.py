"""Plans as contracts need them, asked of context ``product``."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.domain.terms import term_end
from ossrep.customer.models import Account
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import PlanVersionId
from ossrep.published.product import PlanVersion, ProductService


class PlanUnknown(DomainError):
    """No published version of the plan."""

    code = "plan_unknown"


class PlanNotForAccount(DomainError):
    """The plan is another brand's, or for another class of customers."""

    code = "plan_not_for_account"


def find_plan(*, plan_code: str, version: int | None, account: Account) -> PlanVersion:
    """The version (None: the newest published) of a plan that the account may have.

    Raises PlanUnknown and PlanNotForAccount.
    """
    product = resolve(ProductService)
    key = (plan_code, version)
    named = f"plan {plan_code}" + (f" version {version}" if version else "")
    plan_version_id = product.find_plan_version_ids(plans=[key]).get(key)
    if plan_version_id is None:
        raise PlanUnknown(f"{named} is not published", where=account.number)
    plan = get_plan(plan_version_id=plan_version_id)
    if plan.brand_id != account.brand_id:
        raise PlanNotForAccount(f"{named} is sold by another brand", where=account.number)
    wanted = plan.document.get("customer_class", account.customer_class)
    if wanted != account.customer_class:
        raise PlanNotForAccount(
            f"{named} is for {wanted} customers, the account is {account.customer_class}",
            where=account.number,
        )
    return plan


def get_plan(*, plan_version_id: PlanVersionId) -> PlanVersion:
    """A version by id; raises PlanUnknown."""
    found = resolve(ProductService).get_plan_versions(plan_version_ids=[plan_version_id])
    if plan_version_id not in found:
        raise PlanUnknown(f"plan version {plan_version_id} is not known")
    return found[plan_version_id]


def end_of_term(*, plan: PlanVersion, start_date: dt.date) -> dt.date | None:
    """The first day after the plan's term when service starts on a date."""
    return term_end(start=start_date, months=int(plan.document.get("term_months", 0)))
