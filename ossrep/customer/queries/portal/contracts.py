"""Contracts of a scope's accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.customer import db
from ossrep.customer.domain.portal_status import (
    ContractStatus,
    Life,
    contract_status,
    shown_end,
)
from ossrep.customer.queries.portal.missing import NotThere
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import PlanVersionId
from ossrep.published.product import PlanSummary, ProductService


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalContract:
    """A contract with its plan; ``end_date`` is the first day without service, if it is known.

    ``shown_end_date`` always stands: ``portal_status.shown_end`` says what it is.
    """

    contract_id: int
    number: str
    customer_id: int
    account_id: int
    account_number: str
    premises_id: int
    esi_id: str
    plan: PlanSummary
    status: ContractStatus
    start_date: dt.date
    end_date: dt.date | None
    term_end_date: dt.date | None
    shown_end_date: dt.date
    end_reason: str
    signed_date: dt.date | None


_SELECT = """
    SELECT k.id, k.number, a.customer_id, a.id, a.number, p.id, p.esi_id, k.plan_version_id,
        k.status, k.start_date, k.end_date, k.term_end_date, k.end_reason, k.signed_date
    FROM contract k JOIN account a ON a.id = k.account_id JOIN premises p ON p.id = k.premises_id
    WHERE k.account_id = ANY(%s::bigint[])
"""
_LIST = f"{_SELECT} ORDER BY k.start_date DESC, k.id DESC"


def list_contracts(*, scope: CustomerScope, day: dt.date) -> Sequence[PortalContract]:
    """All contracts, the latest start first; one statement here and one of ``product``."""
    rows = db.external_rows(_LIST, [scope.account_ids], scope=scope)
    return _with_plans(rows, day)


def get_contract(*, scope: CustomerScope, contract_id: int, day: dt.date) -> PortalContract:
    """One contract. Raises NotThere for a foreign one as for none at all."""
    with db.external(scope=scope):
        rows = db.rows(f"{_SELECT} AND k.id = %s", [list(scope.account_ids), contract_id])
    if not rows:
        raise NotThere
    return _with_plans(rows, day)[0]


def _with_plans(rows: Sequence[tuple[Any, ...]], day: dt.date) -> Sequence[PortalContract]:
    wanted = {PlanVersionId(row[7]) for row in rows}
    if not wanted:
        return []
    plans = resolve(ProductService).get_plan_summaries(plan_version_ids=wanted)
    return [_contract(row, plans[row[7]], day) for row in rows]


def _contract(row: tuple[Any, ...], plan: PlanSummary, day: dt.date) -> PortalContract:
    life = Life(
        status=row[8],
        start_date=row[9],
        end_date=row[10],
        term_end_date=row[11],
        end_reason=row[12],
    )
    return PortalContract(
        contract_id=row[0],
        number=row[1],
        customer_id=row[2],
        account_id=row[3],
        account_number=row[4],
        premises_id=row[5],
        esi_id=row[6],
        plan=plan,
        status=contract_status(life, day=day),
        start_date=life.start_date,
        end_date=life.end_date,
        term_end_date=life.term_end_date,
        shown_end_date=shown_end(life, day=day),
        end_reason=life.end_reason,
        signed_date=row[13],
    )
