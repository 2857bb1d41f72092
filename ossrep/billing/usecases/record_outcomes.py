"""What became of each item: its state, and a work item where a person must decide."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ossrep.billing.db import connection
from ossrep.billing.models import ItemState
from ossrep.billing.queries.arrays import date_array, id_array
from ossrep.billing.usecases.batch import DueItem, Problem, RunFacts
from ossrep.kernel.money import dollars
from ossrep.published.customer import BillingAccount

_BILLED = "UPDATE bill_run_item SET state = 'billed' WHERE id = ANY(%s::bigint[])"
_NOT_BILLED = """
    UPDATE bill_run_item SET state = %s, is_live = false, reason_code = %s WHERE id = %s
"""

_WORK_ITEMS = """
    INSERT INTO work_item (run_id, item_id, account_id, account_number, contract_id, esi_id,
                           period_start, period_end, reason_code, message, details,
                           money_at_risk_usd, status, note, decided_by)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'open', '', '')
    ON CONFLICT (account_id, period_start, period_end, reason_code, esi_id)
      WHERE status = 'open'
    DO UPDATE SET run_id = EXCLUDED.run_id, item_id = EXCLUDED.item_id,
                  message = EXCLUDED.message, details = EXCLUDED.details,
                  money_at_risk_usd = EXCLUDED.money_at_risk_usd
"""

_RESOLVE = """
    UPDATE work_item w SET status = 'resolved', decided_at = now()
    FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS b (account_id, period_start, period_end)
    WHERE w.account_id = b.account_id AND w.status IN ('open', 'released')
      AND w.period_start < b.period_end AND b.period_start < w.period_end
"""


def record_outcomes(
    *,
    run: RunFacts,
    items: Sequence[DueItem],
    accounts: Sequence[BillingAccount | None],
    problems: Mapping[int, Sequence[Problem]],
    at_risk_cents: Mapping[int, int],
) -> tuple[int, int]:
    """Sets every item's state and opens work items; gives how many were held and skipped.

    A bill that was written settles the work items of its account and days.
    """
    states = {n: _state(found) for n, found in problems.items()}
    billed = [item for n, item in enumerate(items) if n not in problems]
    work_items = [
        _work_item(run, items[n], accounts[n], problem, at_risk_cents.get(n))
        for n, found in problems.items()
        for problem in found
        if not problem.is_skip
    ]
    with connection().cursor() as cursor:
        if states:
            cursor.executemany(
                _NOT_BILLED,
                [(state, problems[n][0].code, items[n].item_id) for n, state in states.items()],
            )
        if work_items:
            cursor.executemany(_WORK_ITEMS, work_items)
        if billed:
            cursor.execute(_BILLED, [id_array(item.item_id for item in billed)])
            cursor.execute(
                _RESOLVE,
                [
                    id_array(item.account_id for item in billed),
                    date_array(item.period_start for item in billed),
                    date_array(item.period_end for item in billed),
                ],
            )
    outcomes = list(states.values())
    return outcomes.count(ItemState.HELD), outcomes.count(ItemState.SKIPPED)


def _state(problems: Sequence[Problem]) -> ItemState:
    """Held where a person must decide, else skipped."""
    if all(problem.is_skip for problem in problems):
        return ItemState.SKIPPED
    return ItemState.HELD


def _work_item(
    run: RunFacts,
    item: DueItem,
    account: BillingAccount | None,
    problem: Problem,
    at_risk_cents: int | None,
) -> tuple[Any, ...]:
    return (
        run.run_id,
        item.item_id,
        item.account_id,
        account.account_number if account else "",
        problem.contract_id,
        problem.esi_id,
        item.period_start,
        item.period_end,
        problem.code,
        problem.message,
        json.dumps({**problem.details, "releasable": problem.releasable}),
        None if at_risk_cents is None else dollars(at_risk_cents),
    )
