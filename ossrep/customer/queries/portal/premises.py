"""Places where a scope's accounts are, were or will be served."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Prefetch, QuerySet

from ossrep.customer import db
from ossrep.customer.domain import contract_life
from ossrep.customer.models import Contract, Meter, Premises
from ossrep.infra.auth.scope import CustomerScope

Page = TypeVar("Page")


def list_premises(*, scope: CustomerScope, page: Callable[[QuerySet[Premises]], Page]) -> Page:
    """What ``page`` takes of the scope's premises; three statements.

    ``contracts`` of each are prefetched with their accounts, the scope's own only; so are
    ``meters``. ``page`` must read its rows before it returns.
    """
    own = (
        Contract.objects.filter(account_id__in=scope.account_ids)
        .exclude(status=contract_life.CANCELLED)
        .select_related("account")
        .order_by("start_date", "pk")
    )
    places = Premises.objects.filter(pk__in=own.order_by().values("premises_id")).prefetch_related(
        Prefetch("contracts", queryset=own),
        Prefetch("meters", queryset=Meter.objects.order_by("installed_date", "pk")),
    )
    with db.external(scope=scope):
        return page(places)
