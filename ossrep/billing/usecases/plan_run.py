"""Step 1: the run's row, an item with a number for each bill due, and chunks to work on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import psycopg
from django.db import IntegrityError

from ossrep.billing.db import connection, transaction
from ossrep.billing.domain.invoice_numbers import COUNTER_MAX, invoice_numbers
from ossrep.billing.models import BillRun, InvoiceSeries, ItemKind, RunKind, RunState
from ossrep.billing.queries.due_bills import DueBill, Unplanned, find_due
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, BillRunId
from ossrep.published.customer import CustomerService

CHUNK_ACCOUNTS = 1_000
CHUNKS_SPLIT, PARTS_OF_SPLIT_CHUNK = 2, 4
LINES_PER_WRITE = 500
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
    numbers = _take_numbers(len(bills))
    return _insert_items(run, bills, numbers)


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
        numbers += invoice_numbers(series=row.series, counters=counters)
        row.next_counter += wanted
        row.save(update_fields=["next_counter"])
        if row.next_counter > COUNTER_MAX:
            InvoiceSeries.objects.create(series=row.series + 1)
    return numbers


_COLUMNS = (
    "run_id, chunk_no, account_id, kind, period_start, period_end, first_contract_id, "
    "contract_ids, starts, ends, has_more, number, state, is_live, reason_code"
)

_DUE_TABLE = """
    CREATE TEMP TABLE due_item (
      position bigint GENERATED ALWAYS AS IDENTITY, run_id bigint, chunk_no integer,
      account_id bigint, kind smallint, period_start date, period_end date,
      first_contract_id bigint, contract_ids bigint[], starts date[], ends date[],
      has_more boolean, number text, state text, is_live boolean, reason_code text)
    ON COMMIT DROP
"""

_INSERT_NEW = f"""
    INSERT INTO bill_run_item ({_COLUMNS}) SELECT {_COLUMNS} FROM due_item ORDER BY position
    ON CONFLICT DO NOTHING
"""  # noqa: S608

_CHUNKS = """
    INSERT INTO bill_run_chunk (run_id, chunk_no, wave, planned, is_done, billed, held, skipped,
                                lines, import_wh, charges_usd, tax_usd)
    SELECT run_id, chunk_no, %(wave)s, count(*), false, 0, 0, 0, 0, 0, 0, 0
    FROM bill_run_item WHERE run_id = %(run)s AND chunk_no >= %(first)s
    GROUP BY run_id, chunk_no
"""


def _insert_items(run: BillRun, bills: Sequence[DueBill], numbers: Sequence[str]) -> int:
    """Items that another run has planned or billed are left to it; that is rare, so all are
    copied into the table itself first, and only where one is there already sorted out before.
    """
    last = run.chunks.order_by("-chunk_no").values_list("chunk_no", flat=True).first()
    first = 1 if last is None else last + 1
    inserted = len(bills)
    try:
        with transaction():
            _copy_items("bill_run_item", run, first, bills, numbers)
    except IntegrityError as error:
        if not _is_planned_already(error):
            raise
        with connection().cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS due_item")
            cursor.execute(_DUE_TABLE)
            _copy_items("due_item", run, first, bills, numbers)
            cursor.execute(_INSERT_NEW)
            inserted = cursor.rowcount
    with connection().cursor() as cursor:
        cursor.execute(_CHUNKS, {"run": run.pk, "first": first, "wave": run.wave})
    return inserted


def _is_planned_already(error: IntegrityError) -> bool:
    cause = error.__cause__
    return (
        isinstance(cause, psycopg.errors.UniqueViolation)
        and cause.diag.constraint_name == "bill_run_item_once"
    )


def _copy_items(
    table: str, run: BillRun, first: int, bills: Sequence[DueBill], numbers: Sequence[str]
) -> None:
    chunks = _chunk_numbers(len(bills), run.parameters["chunk_accounts"])
    lines = (
        f"{run.pk}\t{first + chunk}\t{_item_text(bill)}\t{number}\tplanned\tt\t\n"
        for chunk, bill, number in zip(chunks, bills, numbers, strict=True)
    )
    with (
        connection().wrap_database_errors,
        connection().cursor() as cursor,
        cursor.copy(f"COPY {table} ({_COLUMNS}) FROM STDIN") as copy,
    ):
        # Piece by piece, so that the server works while the next lines are made.
        while piece := "".join(islice(lines, LINES_PER_WRITE)):
            copy.write(piece)


def _chunk_numbers(count: int, size: int) -> Iterator[int]:
    """The chunk of each of ``count`` items. A long run ends in small chunks, so that no worker
    has long to wait for another one's last.
    """
    whole = count // size - CHUNKS_SPLIT if count >= 2 * CHUNKS_SPLIT * size else count
    part = max(size // PARTS_OF_SPLIT_CHUNK, 1)
    for place in range(count):
        beyond = place - whole * size
        yield place // size if beyond < 0 else whole + beyond // part


def _item_text(bill: DueBill) -> str:
    """Part of a line of COPY's text format; nothing in it needs an escape."""
    contracts = bill.contracts
    kind = FINAL if bill.is_final else REGULAR
    ids = [contract.contract_id for contract in contracts]
    starts = ",".join([_text(contract.start) for contract in contracts])
    ends = ",".join([_text(contract.end) for contract in contracts])
    return (
        f"{bill.account_id}\t{kind}\t{_text(bill.period_start)}\t{_text(bill.period_end)}\t"
        f"{min(ids)}\t{{{','.join(map(str, ids))}}}\t{{{starts}}}\t{{{ends}}}\t{bill.has_more}"
    )


@lru_cache(maxsize=4096)
def _text(date: dt.date) -> str:
    return date.isoformat()


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
