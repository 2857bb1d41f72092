"""Step 1: the run's row, an item with a number for each bill due, and chunks to work on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.billing.db import connection, transaction
from ossrep.billing.domain.due_dates import due_date
from ossrep.billing.domain.invoice_numbers import COUNTER_MAX, invoice_number
from ossrep.billing.models import BillRun, InvoiceSeries, ItemKind, RunKind, RunState
from ossrep.billing.queries.arrays import date_array, id_array
from ossrep.billing.queries.due_bills import DueBill, Unplanned, find_due
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, BillRunId
from ossrep.published.customer import CustomerService

CHUNK_ACCOUNTS = 500
WAVES_MAX = 60
ACCOUNTS_NAMED_MAX = 100_000
FIRST_SERIES = 1
REGULAR, FINAL = int(ItemKind.REGULAR), int(ItemKind.FINAL)


class UnknownAccounts(DomainError):
    """Account numbers that customer does not know."""

    code = "unknown_accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What is to be billed: a read cycle (None: all), up to when, and only these accounts.

    ``account_numbers`` None means every account. Invoices are dated ``issue_date``, or ``as_of``
    where that is None.
    """

    as_of: dt.date
    read_cycle: str | None = None
    account_numbers: Sequence[str] | None = None
    issue_date: dt.date | None = None
    requested_by: str = ""
    reason: str = ""
    chunk_accounts: int = CHUNK_ACCOUNTS

    @property
    def parameters(self) -> dict[str, object]:
        """What makes two orders the same."""
        numbers = self.account_numbers
        return {
            "kind": RunKind.BILL.value,
            "read_cycle": self.read_cycle,
            "as_of": self.as_of.isoformat(),
            "issue_date": (self.issue_date or self.as_of).isoformat(),
            "accounts": None if numbers is None else sorted(set(numbers)),
        }

    @property
    def parameters_hash(self) -> str:
        """SHA-256 of the parameters in canonical JSON."""
        return hashlib.sha256(json.dumps(self.parameters, sort_keys=True).encode()).hexdigest()


def plan_run(*, order: RunOrder) -> BillRunId:
    """Plans a run in one transaction, or joins the open run of the same parameters.

    Raises UnknownAccounts before anything is written.
    """
    account_ids = resolve_accounts(order.account_numbers)
    # The calendar of holidays takes half a second to load: here once, and forks have it.
    due_date(order.issue_date or order.as_of)
    with transaction(), connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO bill_run (kind, read_cycle, as_of, issue_date, parameters, "
            "parameters_hash, state, wave, requested_by, reason) "
            "VALUES (%s, %s, %s, %s, %s, %s, 'open', 0, %s, %s) "
            "ON CONFLICT (parameters_hash) WHERE state = 'open' DO NOTHING RETURNING id",
            [
                RunKind.BILL,
                order.read_cycle,
                order.as_of,
                order.issue_date or order.as_of,
                json.dumps({**order.parameters, "chunk_accounts": order.chunk_accounts}),
                order.parameters_hash,
                order.requested_by,
                order.reason,
            ],
        )
        row = cursor.fetchone()
        if row is None:
            open_run = BillRun.objects.get(
                parameters_hash=order.parameters_hash, state=RunState.OPEN
            )
            return BillRunId(open_run.pk)
        run = BillRun.objects.get(pk=row[0])
        _plan_wave(run, account_ids=account_ids)
        return BillRunId(run.pk)


def resolve_accounts(account_numbers: Sequence[str] | None) -> frozenset[AccountId] | None:
    """The accounts of an order. Raises UnknownAccounts with the numbers that are not known."""
    if account_numbers is None:
        return None
    found = resolve(CustomerService).find_account_ids(account_numbers=account_numbers)
    unknown = sorted(set(account_numbers) - found.keys())
    if unknown:
        shown = ", ".join(unknown[:20])
        raise UnknownAccounts(f"{len(unknown)} account numbers are not known: {shown}")
    return frozenset(found.values())


def finish_wave(*, run_id: BillRunId) -> bool:
    """Plans the next wave of a run whose chunks are all done; True when the run is finished.

    A wave bills one period of each account. An account with a further period that has ended is
    in the next wave, so an invoice always knows the one before. False while chunks are left,
    others' included.
    """
    with transaction(), connection().cursor() as cursor:
        cursor.execute("SELECT id FROM bill_run WHERE id = %s FOR UPDATE", [run_id])
        run = BillRun.objects.get(pk=run_id)
        if run.state == RunState.FINISHED:
            return True
        if run.chunks.filter(is_done=False).exists():
            return False
        more = frozenset(
            AccountId(account_id)
            for account_id in run.items.filter(
                chunk_no__in=run.chunks.filter(wave=run.wave).values("chunk_no"),
                state="billed",
                has_more=True,
            ).values_list("account_id", flat=True)
        )
        if more and run.wave < WAVES_MAX and _plan_wave(run, account_ids=more):
            return False
        cursor.execute(
            "UPDATE bill_run SET state = 'finished', finished_at = now() WHERE id = %s", [run_id]
        )
        return True


def _plan_wave(run: BillRun, *, account_ids: frozenset[AccountId] | None) -> int:
    """Writes items and chunks of what is due now; gives the number of items."""
    due = find_due(read_cycle=run.read_cycle, as_of=run.as_of, account_ids=account_ids)
    bills = sorted(due.bills, key=lambda b: (b.period_start, b.period_end, b.account_id))
    run.wave += 1
    run.save(update_fields=["wave"])
    _report_unplanned(run, due.unplanned)
    if not bills:
        return 0
    open_receivables([bill.account_id for bill in bills])
    numbers = _take_numbers(len(bills))
    return _insert_items(run, bills, numbers)


def open_receivables(account_ids: Sequence[AccountId]) -> None:
    """Makes the receivable of each account that has none; its balance is 0."""
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account (kind, account_id, code) "
            "SELECT 'receivable', id, '' FROM unnest(%s::bigint[]) AS id ORDER BY id "
            "ON CONFLICT DO NOTHING",
            [id_array(account_ids)],
        )


def _take_numbers(count: int) -> list[str]:
    """Reserves so many numbers; a series that is used up is followed by the next."""
    numbers: list[str] = []
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoice_series (series, next_counter) VALUES (%s, 1) "
            "ON CONFLICT DO NOTHING",
            [FIRST_SERIES],
        )
    while len(numbers) < count:
        row = InvoiceSeries.objects.select_for_update().order_by("-series")[0]
        wanted = min(count - len(numbers), COUNTER_MAX - row.next_counter + 1)
        counters = range(row.next_counter, row.next_counter + wanted)
        numbers += [invoice_number(series=row.series, counter=counter) for counter in counters]
        row.next_counter += wanted
        row.save(update_fields=["next_counter"])
        if row.next_counter > COUNTER_MAX:
            InvoiceSeries.objects.create(series=row.series + 1)
    return numbers


_DUE_TABLE = """
    CREATE TEMP TABLE due_item (
      position bigint, account_id bigint, kind smallint, period_start date, period_end date,
      first_contract_id bigint, contract_ids bigint[], starts date[], ends date[],
      has_more boolean, number text) ON COMMIT DROP
"""

_INSERT = """
    INSERT INTO bill_run_item (run_id, chunk_no, account_id, kind, period_start, period_end,
                               first_contract_id, contract_ids, starts, ends, has_more, number,
                               state, reason_code)
    SELECT %(run)s, %(first)s + position / %(size)s, account_id, kind, period_start, period_end,
           first_contract_id, contract_ids, starts, ends, has_more, number, 'planned', ''
    FROM due_item ORDER BY position
    ON CONFLICT DO NOTHING
"""

_CHUNKS = """
    INSERT INTO bill_run_chunk (run_id, chunk_no, wave, planned, is_done, billed, held, skipped,
                                lines, import_wh, charges_usd, tax_usd)
    SELECT run_id, chunk_no, %(wave)s, count(*), false, 0, 0, 0, 0, 0, 0, 0
    FROM bill_run_item WHERE run_id = %(run)s AND chunk_no >= %(first)s
    GROUP BY run_id, chunk_no
"""


def _insert_items(run: BillRun, bills: Sequence[DueBill], numbers: Sequence[str]) -> int:
    """Items that another run has planned or billed are left to it."""
    last = run.chunks.order_by("-chunk_no").values_list("chunk_no", flat=True).first()
    names = {
        "run": run.pk,
        "first": 1 if last is None else last + 1,
        "size": run.parameters["chunk_accounts"],
        "wave": run.wave,
    }
    with connection().cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS due_item")
        cursor.execute(_DUE_TABLE)
        with cursor.copy("COPY due_item FROM STDIN") as copy:
            numbered = enumerate(zip(bills, numbers, strict=True))
            copy.write("".join([_item_row(n, bill, number) for n, (bill, number) in numbered]))
        cursor.execute(_INSERT, names)
        inserted: int = cursor.rowcount
        cursor.execute(_CHUNKS, names)
        return inserted


def _item_row(position: int, bill: DueBill, number: str) -> str:
    """A line of COPY's text format; nothing in it needs an escape."""
    contracts = bill.contracts
    kind = FINAL if bill.is_final else REGULAR
    ids = [contract.contract_id for contract in contracts]
    return (
        f"{position}\t{bill.account_id}\t{kind}\t{bill.period_start}\t{bill.period_end}\t"
        f"{min(ids)}\t{id_array(ids)}\t{date_array([c.start for c in contracts])}\t"
        f"{date_array([c.end for c in contracts])}\t{bill.has_more}\t{number}\n"
    )


def _report_unplanned(run: BillRun, unplanned: Sequence[Unplanned]) -> None:
    """A contract whose read calendar is missing is a person's to mend."""
    with connection().cursor() as cursor:
        cursor.executemany(
            "INSERT INTO work_item (run_id, account_id, account_number, contract_id, esi_id, "
            "period_start, period_end, reason_code, message, details, status, note, decided_by) "
            "VALUES (%s, %s, '', %s, %s, %s, %s, %s, %s, '{}', 'open', '', '') "
            "ON CONFLICT (account_id, period_start, period_end, reason_code, esi_id) "
            "WHERE status = 'open' DO UPDATE SET run_id = EXCLUDED.run_id",
            [
                (
                    run.pk,
                    contract.account_id,
                    contract.contract_id,
                    contract.esi_id,
                    contract.start,
                    run.as_of,
                    contract.reason,
                    contract.message,
                )
                for contract in unplanned
            ],
        )
