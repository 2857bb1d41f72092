"""Which candidates can be taken; the rules of each kind over what the look-up found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ossrep.customer.domain import contract_life
from ossrep.customer.domain.cells import shown
from ossrep.customer.domain.hierarchy import LEVELS_MAX
from ossrep.customer.usecases.import_book.products import Products
from ossrep.customer.usecases.import_book.staging import Candidate, Extras
from ossrep.customer.usecases.import_book.tables import Table

UNKNOWN_REFERENCE: Final = "unknown_reference"
OVERLAP: Final = "overlap"
MAY_HEAL: Final = (UNKNOWN_REFERENCE, OVERLAP)
"""Refusals that other rows of the same book can take away."""

_PARENT: Final = "parent_account_number"

Judge = Callable[[Sequence[Candidate], Products], None]

_PATHS: Final = {
    *contract_life.TRANSITIONS,
    *((status, status) for status in contract_life.STATUSES),
    (contract_life.PENDING, contract_life.ENDED),
}
"""Steps between two books; a contract may have begun and ended since the one before."""

EXTRAS: Final[dict[str, Extras]] = {
    "account": Extras(("parent_account_number_is.customer_id",), needs="parent_account_number"),
    "contact": Extras(("account_number_is.customer_id",), needs="account_number"),
    "premises": Extras(
        ("other.number",),
        "LEFT JOIN premises other ON other.esi_id = s.esi_id AND other.number <> s.number",
    ),
    "contract": Extras(("t.status", "account_number_is.brand_id")),
}


def judge_references(table: Table, candidates: Sequence[Candidate]) -> None:
    """Refuses rows that name unknown records, or another one where it cannot change."""
    for reference in table.references:
        column = reference.column
        for candidate in candidates:
            number = candidate.cells.get(column)
            if number is None:
                continue
            found = candidate.references[column]
            if number and found is None:
                if reference.table != table.name:
                    candidate.refuse(UNKNOWN_REFERENCE, f"{column} {shown(number)} is not known")
            elif not candidate.is_new and found != candidate.current[column]:
                if reference.is_fixed:
                    candidate.refuse("cannot_change", f"{column} cannot change")
                candidate.changed.append(column)


def judge_fixed(table: Table, candidates: Sequence[Candidate]) -> None:
    """Refuses rows that change what stays for ever."""
    for candidate in candidates:
        for column in table.fixed.intersection(candidate.changed):
            candidate.refuse("cannot_change", f"{column} cannot change")


def judge_accounts(candidates: Sequence[Candidate], _: Products) -> None:
    """Parents may stand in the same batch; refuses unknown and foreign ones, and circles."""
    _judge_customer_of(candidates, _PARENT)
    batch = {c.cells["account_number"]: c for c in candidates if c.refusal is None}
    for candidate in batch.values():
        if _is_in_circle(candidate, batch):
            candidate.refuse("hierarchy_circle", "the account would be above itself")
    waiting = [c for c in batch.values() if c.cells.get(_PARENT) and not c.references[_PARENT]]
    _refuse_orphans(waiting, batch)
    for candidate in waiting:
        if candidate.refusal is None:
            candidate.references[_PARENT] = batch[candidate.cells[_PARENT]].id
            if not candidate.is_new:
                candidate.changed.append(_PARENT)


def _refuse_orphans(waiting: Sequence[Candidate], batch: dict[str, Candidate]) -> None:
    # A refused parent takes its children with it, level by level.
    lost = True
    while lost:
        lost = False
        for candidate in waiting:
            if candidate.refusal is not None:
                continue
            number = candidate.cells[_PARENT]
            parent = batch.get(number)
            if parent is None or parent.refusal is not None:
                candidate.refuse(UNKNOWN_REFERENCE, f"{_PARENT} {shown(number)} is not known")
                lost = True
            elif parent.cells["customer_number"] != candidate.cells["customer_number"]:
                candidate.refuse("not_of_this_customer", f"{_PARENT} is another customer's")
                lost = True


def _judge_customer_of(candidates: Sequence[Candidate], column: str) -> None:
    for candidate in candidates:
        owner = candidate.extras[0] if candidate.extras else None
        if owner is not None and owner != candidate.references["customer_number"]:
            candidate.refuse("not_of_this_customer", f"{column} is another customer's")


def judge_contacts(candidates: Sequence[Candidate], _: Products) -> None:
    """Refuses an account that is not the customer's."""
    _judge_customer_of(candidates, "account_number")


def _is_in_circle(start: Candidate, batch: dict[str, Candidate]) -> bool:
    number = start.cells["account_number"]
    at = start.cells.get(_PARENT, "")
    for _ in range(LEVELS_MAX):
        if at == number:
            return True
        if at not in batch:
            return False
        at = batch[at].cells.get(_PARENT, "")
    return False


def judge_premises(candidates: Sequence[Candidate], _: Products) -> None:
    """Refuses an ESI ID that another premises has, of the book or of the database."""
    first: dict[str, str] = {}
    for candidate in candidates:
        esi_id, number = candidate.cells["esi_id"], candidate.cells["premises_number"]
        other = candidate.extras[0]
        owner = other or first.setdefault(esi_id, number)
        if owner != number:
            candidate.refuse("esi_id_taken", f"premises {owner} has ESI ID {esi_id}")


def judge_contracts(candidates: Sequence[Candidate], products: Products) -> None:
    """Refuses steps that a contract's life does not have, and plans of another brand."""
    for candidate in candidates:
        before, brand_id = candidate.extras
        after = candidate.cells["status"]
        if before is not None and (before, after) not in _PATHS:
            candidate.refuse(
                "contract_transition_forbidden",
                f"the contract is {before} and cannot become {after}",
            )
        if brand_id is not None and products.brand_of(int(candidate.cells["plan"])) != brand_id:
            candidate.refuse("plan_not_for_account", "the plan is sold by another brand")


def judge_overlaps(
    table: Table,
    candidates: Sequence[Candidate],
    found: Sequence[tuple[int, int | None, str]],
) -> None:
    """Refuses rows that share days with a stored record, or with an earlier row that is taken."""
    for row_no, other_row_no, number in found:
        if other_row_no is None or candidates[other_row_no].refusal is None:
            candidates[row_no].refuse(OVERLAP, f"shares days with {table.kind.name} {number}")


JUDGES: Final[dict[str, Judge]] = {
    "account": judge_accounts,
    "contact": judge_contacts,
    "premises": judge_premises,
    "contract": judge_contracts,
}
