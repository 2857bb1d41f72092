"""The events of what a batch wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ossrep.customer.db import rows, run
from ossrep.customer.domain import contract_life
from ossrep.customer.usecases.import_book.staging import Candidate
from ossrep.kernel.events import Event
from ossrep.published.customer import (
    AccountOpened,
    ContractActivated,
    ContractCancelled,
    ContractChanged,
    ContractEnded,
    ContractSigned,
    CustomerCreated,
    CustomerDetailsChanged,
    PremisesChanged,
    PremisesRegistered,
)


@dataclass(frozen=True, slots=True)
class Written:
    """Candidates of a batch by what became of them."""

    created: Sequence[Candidate]
    changed: Sequence[Candidate]
    as_of: dt.date

    @property
    def all(self) -> list[Candidate]:
        """Created and changed ones."""
        return [*self.created, *self.changed]


def _customers(written: Written) -> Iterator[Event]:
    for candidate in written.created:
        yield CustomerCreated(
            customer_id=_id(candidate),
            customer_number=candidate.cells["customer_number"],
            customer_type=candidate.cells["type"],
        )
    changed = {_id(candidate): candidate.changed for candidate in written.changed}
    for account_id, number, customer_id in _accounts("customer_id", changed):
        yield _details(account_id, number, changed[customer_id], written.as_of)


def _accounts_opened(written: Written) -> Iterator[Event]:
    for candidate in written.created:
        yield AccountOpened(
            account_id=_id(candidate),
            account_number=candidate.cells["account_number"],
            customer_id=candidate.references["customer_number"] or 0,
            brand_id=int(candidate.cells["brand"]),
        )
    for candidate in written.changed:
        number = candidate.cells["account_number"]
        yield _details(_id(candidate), number, candidate.changed, written.as_of)


def _contacts(written: Written) -> Iterator[Event]:
    of_account = {c.references["account_number"] for c in written.all if _names_account(c)}
    of_customer = {c.references["customer_number"] for c in written.all if not _names_account(c)}
    told = {row[:2] for row in _accounts("customer_id", of_customer)}
    told |= {row[:2] for row in _accounts("id", of_account)}
    for account_id, number in sorted(told):
        yield _details(account_id, number, ["contacts"], written.as_of)


def _names_account(candidate: Candidate) -> bool:
    return candidate.references.get("account_number") is not None


def _premises(written: Written) -> Iterator[Event]:
    for candidate in written.created:
        cells = candidate.cells
        yield PremisesRegistered(
            premises_id=_id(candidate),
            premises_number=cells["premises_number"],
            esi_id=cells["esi_id"],
            tdsp_code=cells["tdsp"],
            read_cycle=cells["read_cycle"],
        )
    for candidate in written.changed:
        number, esi_id = candidate.cells["premises_number"], candidate.cells["esi_id"]
        yield _place(_id(candidate), number, esi_id, candidate.changed, written.as_of)


def _meters(written: Written) -> Iterator[Event]:
    ids = {c.references["premises_number"] for c in written.all}
    found = rows("SELECT id, number, esi_id FROM premises WHERE id = ANY(%s)", [list(ids)])
    for premises_id, number, esi_id in found:
        yield _place(premises_id, number, esi_id, ["meters"], written.as_of)


def _certificates(written: Written) -> Iterator[Event]:
    ids = {c.references["account_number"] for c in written.all}
    for account_id, number, _ in _accounts("id", ids):
        yield _details(account_id, number, ["tax_exemption"], written.as_of)


_CONTRACTS = """
    SELECT k.id, k.account_id, a.number, p.esi_id, p.tdsp_code, k.plan_version_id, k.status,
           k.start_date, k.end_date, k.term_end_date, k.end_reason
    FROM contract k JOIN account a ON a.id = k.account_id JOIN premises p ON p.id = k.premises_id
    WHERE k.id = ANY(%s) ORDER BY k.start_date, k.id
"""


def _contracts(written: Written) -> Iterator[Event]:
    by_id = {_id(candidate): candidate for candidate in written.all}
    for row in rows(_CONTRACTS, [list(by_id)]):
        candidate = by_id[row[0]]
        before = None if candidate.is_new else candidate.extras[0]
        yield from _contract_facts(row, before, candidate.changed)


def _contract_facts(
    row: tuple[Any, ...], before: str | None, changed: Sequence[str]
) -> Iterator[Event]:
    id_, account_id, number, esi_id, tdsp, plan, status, start, end, term_end, reason = row
    whose: dict[str, Any] = {
        "account_id": account_id,
        "account_number": number,
        "contract_id": id_,
        "esi_id": esi_id,
    }
    began = {"tdsp_code": tdsp, "plan_version_id": plan, "start_date": start}
    if status == contract_life.PENDING and before is None:
        yield ContractSigned(**whose, **began)
    if status in contract_life.SERVING and before not in contract_life.SERVING:
        yield ContractActivated(**whose, **began, term_end_date=term_end)
    if status == contract_life.ENDED and (before != status or "end_date" in changed):
        yield ContractEnded(**whose, end_date=end, reason=reason)
    elif status == before and changed:
        yield ContractChanged(
            **whose,
            changed=tuple(changed),
            plan_version_id=plan,
            start_date=start,
            end_date=end,
            term_end_date=term_end,
        )
    if status == contract_life.CANCELLED and before != status:
        yield ContractCancelled(**whose, reason="import")


def trace_contracts(written: Written) -> None:
    """Notes the steps that imported contracts took, with the dates they took effect."""
    before = {_id(c): None if c.is_new else c.extras[0] for c in written.all}
    run(
        "INSERT INTO contract_status_change (contract_id, status, effective_date, reason) "
        "SELECT k.id, step.status, step.date, step.reason "
        "FROM unnest(%(id)s::bigint[], %(before)s::text[]) AS w(id, before) "
        "JOIN contract k ON k.id = w.id CROSS JOIN LATERAL (VALUES "
        " (1, 'pending', k.start_date, '', k.status = 'pending' AND w.before IS NULL),"
        " (2, 'active', k.start_date, '', k.status IN ('active', 'ended')"
        "     AND coalesce(w.before, 'pending') = 'pending'),"
        " (3, 'ended', k.end_date, k.end_reason, k.status = 'ended'"
        "     AND w.before IS DISTINCT FROM 'ended'),"
        " (4, 'cancelled', %(as_of)s::date, 'import', k.status = 'cancelled'"
        "     AND w.before IS DISTINCT FROM 'cancelled')"
        ") AS step(no, status, date, reason, is_taken) WHERE step.is_taken ORDER BY k.id, step.no",
        {"id": list(before), "before": list(before.values()), "as_of": written.as_of},
    )


def _accounts(column: str, ids: Collection[int | None]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    return rows(
        f"SELECT id, number, customer_id FROM account WHERE {column} = ANY(%s)",  # noqa: S608
        [list(ids)],
    )


def _details(
    account_id: int, number: str, changed: Sequence[str], as_of: dt.date
) -> CustomerDetailsChanged:
    return CustomerDetailsChanged(
        account_id=account_id,
        account_number=number,
        changed=tuple(changed),
        effective_date=as_of,
    )


def _place(
    premises_id: int, number: str, esi_id: str, changed: Sequence[str], as_of: dt.date
) -> PremisesChanged:
    return PremisesChanged(
        premises_id=premises_id,
        premises_number=number,
        esi_id=esi_id,
        changed=tuple(changed),
        effective_date=as_of,
    )


def _id(candidate: Candidate) -> int:
    assert candidate.id is not None
    return candidate.id


FACTS: Final[dict[str, Callable[[Written], Iterator[Event]]]] = {
    "customer": _customers,
    "account": _accounts_opened,
    "contact": _contacts,
    "premises": _premises,
    "meter": _meters,
    "contract": _contracts,
    "certificate": _certificates,
}
