"""Each guard against double billing is needed: without it the same check turns red."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable

import numpy as np
import pytest
from django.db import IntegrityError, connections

from ossrep.billing.db import connection, transaction
from ossrep.billing.domain.invoice_numbers import invoice_number
from ossrep.billing.models import BillRun, BillRunItem
from ossrep.billing.queries.account_history import lock_receivables
from ossrep.billing.queries.invariants import INVARIANTS
from ossrep.billing.usecases.batch import DueContract, DueItem, RunFacts
from ossrep.billing.usecases.bill_items import Desk, prepare_bills
from ossrep.billing.usecases.customer_money import open_receivables
from ossrep.billing.usecases.plan_run import RunOrder, plan_run
from ossrep.billing.usecases.run_bills import InThisProcess, run_bills
from ossrep.billing.usecases.work_on_run import work_on_run
from ossrep.billing.usecases.writing import write_batch
from ossrep.infra.database import superuser_connection
from ossrep.infra.invariants import verify
from ossrep.kernel.identifiers import AccountId, BillRunId, ContractId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, Book, a_book
from tests.integration.billing.faults import fork, settle, wait

UNLOCKED_CLAIM = """
    CREATE OR REPLACE FUNCTION billing.claim_chunk(p_run_id bigint)
    RETURNS TABLE (chunk_id bigint, chunk_no integer)
    LANGUAGE sql SET search_path = billing, pg_temp AS $$
      SELECT c.id, c.chunk_no FROM bill_run_chunk c
      WHERE c.run_id = p_run_id AND NOT c.is_done ORDER BY c.chunk_no LIMIT 1
    $$
"""


def disable(database: str, statement: str) -> None:
    settings = connections["billing"].settings_dict
    with superuser_connection(settings, dbname=database) as owner:
        owner.execute("SET ROLE billing_owner")
        owner.execute(statement)


def broken_rules() -> set[str]:
    return {v.name for v in verify(contexts=["billing"]) if not v.holds}


def items_planned_twice() -> int:
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM bill_run_item WHERE state IN "
            "('planned', 'billed') GROUP BY account_id, period_start HAVING count(*) > 1) twice"
        )
        count: int = cursor.fetchone()[0]
        return count


def plan_two_runs(book: Book) -> None:
    """Two orders that are not the same, so that the second does not join the first."""
    with book.standing_in():
        plan_run(order=RunOrder(as_of=FIRST_READ, read_cycle="07"))
        plan_run(order=RunOrder(as_of=FIRST_READ))


class TestTheUniqueItem:
    def test_keeps_a_bill_from_being_planned_twice(self, fresh_database: str) -> None:
        plan_two_runs(a_book(accounts=3))

        assert items_planned_twice() == 0
        assert BillRun.objects.count() == 2

    def test_is_what_keeps_it(self, fresh_database: str) -> None:
        disable(fresh_database, "DROP INDEX billing.bill_run_item_once")

        plan_two_runs(a_book(accounts=3))

        assert items_planned_twice() == 3


def write_twice(book: Book) -> None:
    """The write step called again with the same bills, under other ids and numbers."""
    with book.standing_in():
        run_id = plan_run(order=RunOrder(as_of=FIRST_READ))
        run = RunFacts(run_id=run_id, as_of=FIRST_READ, issue_date=FIRST_READ)
        items = [due_item(row) for row in BillRunItem.objects.order_by("pk")]
        desk = Desk()
        with transaction():
            billed = prepare_bills(run=run, items=items, desk=desk)
            write_batch(billed=billed, registers=desk.registers, catalog=desk.catalog)
            again = [
                dataclasses.replace(
                    item, item_id=item.item_id + 1000, number=invoice_number(series=9, counter=n)
                )
                for n, item in enumerate(items, start=1)
            ]
            batch = dataclasses.replace(billed.batch, items=tuple(again))
            twice = dataclasses.replace(billed, batch=batch, ids=billed.ids + np.int64(1000))
            write_batch(billed=twice, registers=desk.registers, catalog=desk.catalog)


def due_item(row: BillRunItem) -> DueItem:
    return DueItem(
        item_id=row.pk,
        account_id=AccountId(row.account_id),
        kind=row.kind,
        period_start=row.period_start,
        period_end=row.period_end,
        number=row.number,
        contracts=(DueContract(ContractId(row.contract_ids[0]), row.starts[0], row.ends[0]),),
    )


class TestTheExclusionConstraint:
    def test_keeps_a_day_from_being_billed_twice(self, fresh_database: str) -> None:
        with pytest.raises(IntegrityError, match="charge_never_twice"):
            write_twice(a_book(accounts=2))

        assert "no_day_is_billed_twice" not in broken_rules()

    def test_is_what_keeps_it(self, fresh_database: str) -> None:
        disable(fresh_database, "ALTER TABLE billing.charge DROP CONSTRAINT charge_never_twice")

        write_twice(a_book(accounts=2))

        assert "no_day_is_billed_twice" in broken_rules()


def two_workers_on_one_chunk(database: str) -> None:
    """Both begin while a third session has the accounts, so that they meet on the same chunk."""
    book = a_book(accounts=4)
    account_ids = [AccountId(n) for n in range(1, 5)]
    with book.standing_in():
        run_id = plan_run(order=RunOrder(as_of=FIRST_READ))
    with transaction():
        open_receivables(account_ids=account_ids)

    go_from, go_to = os.pipe()

    def work() -> None:
        os.read(go_from, 1)
        with book.standing_in():
            work_on_run(run_id=BillRunId(run_id))

    children = [fork(work) for _ in range(2)]
    with transaction():
        lock_receivables(account_ids=account_ids)
        # Not before: a child that is quick would be done before anybody has the accounts.
        os.write(go_to, b"go")
        wait_until(lambda: sessions_that_wait(database) >= 1)
        time.sleep(0.3)
    assert [wait(child) for child in children] == [0, 0]
    os.close(go_from)
    os.close(go_to)
    settle(database)


def sessions_that_wait(database: str) -> int:
    settings = connections["billing"].settings_dict
    with superuser_connection(settings, dbname=database) as owner:
        row = owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
            [database],
        ).fetchone()
        assert row is not None
        return int(row[0])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "nobody came"
        time.sleep(0.01)


class TestTheClaim:
    def test_keeps_two_workers_off_one_chunk(self, fresh_database: str) -> None:
        two_workers_on_one_chunk(fresh_database)

        assert broken_rules() == set()
        assert BillRunItem.objects.filter(state="billed").count() == 4

    def test_is_what_keeps_them_off(self, fresh_database: str) -> None:
        disable(fresh_database, UNLOCKED_CLAIM)

        two_workers_on_one_chunk(fresh_database)

        assert "billed_items_have_one_invoice" in broken_rules()


DAMAGE = {
    "ledger_balances_are_sums": "UPDATE billing.ledger_balance SET debit_usd = debit_usd + 0.01 "
    "WHERE shard = 0",
    "trial_balance_is_zero": "UPDATE billing.ledger_balance SET credit_usd = credit_usd + 0.01 "
    "WHERE shard = 0",
    "invoices_are_posted_whole": "DELETE FROM billing.transfer WHERE source_leg = 1",
    "amount_due_was_the_balance": "UPDATE billing.invoice SET amount_due_usd = amount_due_usd + 1, "
    "previous_balance_usd = previous_balance_usd + 1",
    "invoices_are_sums_of_lines": "UPDATE billing.invoice_line SET amount_usd = amount_usd + 0.01",
    "lines_belong_to_invoices": "DELETE FROM billing.invoice",
    "no_day_is_billed_twice": "UPDATE billing.charge SET contract_id = 1",
    "banks_are_handed_on": "UPDATE billing.charge SET bank_out_usd = 1, bank_earned_usd = 1",
    "reversed_invoices_have_no_live_charge": "UPDATE billing.charge SET reversal_id = 5",
    "money_is_a_number": "UPDATE billing.invoice_line SET amount_usd = 'NaN'",
    "billed_items_have_one_invoice": (
        "UPDATE billing.bill_run_item SET state = 'held', is_live = false"
    ),
    "every_invoice_was_told": "DELETE FROM billing.outbox_event",
    "finished_runs_are_finished": "UPDATE billing.bill_run_chunk SET is_done = false",
}


class TestInvariants:
    def test_hold_after_a_run_and_each_one_bites(self, fresh_database: str) -> None:
        book = a_book(accounts=2)
        with book.standing_in():
            run_bills(order=RunOrder(as_of=SECOND_READ), workers=InThisProcess())
        assert broken_rules() == set()
        disable(fresh_database, "ALTER TABLE billing.charge DROP CONSTRAINT charge_never_twice")

        seen = [name for name, damage in DAMAGE.items() if breaks(fresh_database, name, damage)]

        assert seen == list(DAMAGE)


def breaks(database: str, name: str, damage: str) -> bool:
    """Whether the rule sees the damage; everything is rolled back."""
    settings = connections["billing"].settings_dict
    with superuser_connection(settings, dbname=database, autocommit=False) as owner:
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute("SET LOCAL search_path = billing")
        owner.execute(damage)
        invariant = next(i for i in INVARIANTS if i.name == name)
        assert isinstance(invariant.check, str)
        found = owner.execute(invariant.check.encode()).fetchall()
        owner.rollback()
    return bool(found)
