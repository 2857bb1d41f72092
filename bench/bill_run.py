"""The bill run: from due accounts to committed invoices, against plain COPY of the same rows."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable

from django.db import connections

from bench.bill_book import CYCLE, READ, START, make_homes, make_reference_data
from bench.database import scratch_database
from bench.figures import Figure
from ossrep.billing.queries.run_status import RunStatus
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.run_bills import LocalProcesses, run_bills
from ossrep.infra.database import superuser_connection

WORKERS = 2
ACCOUNTS = 20_000
SMALL, LARGE = 10_000, 100_000
QUICK_ACCOUNTS = 2_000
QUICK_SMALL, QUICK_LARGE = 1_000, 4_000

RESULT_TABLES = (
    "invoice",
    "invoice_line",
    "invoice_tax",
    "charge",
    "transfer",
    "outbox_event",
    "outbox_stream",
    "bill_run_item",
    "ledger_account",
    "ledger_balance",
)


def run(*, quick: bool) -> list[Figure]:
    """Bills a book of one size against the limit, then two sizes against each other."""
    accounts = QUICK_ACCOUNTS if quick else ACCOUNTS
    small, large = (QUICK_SMALL, QUICK_LARGE) if quick else (SMALL, LARGE)
    status, seconds, limit_seconds, memory_mb = _bill_and_limit(accounts)
    cost = {size: _bill(size)[1] / size for size in (small, large)}
    lines = status.lines / status.billed
    note = f"{accounts:,} accounts, {lines:.1f} lines each, {WORKERS} workers, fsync on"
    return [
        Figure(
            name="bill run, all committed",
            value=accounts / seconds,
            unit="invoices/s",
            bar=2_500,
            aim=5_000,
            note=note,
        ),
        Figure(
            name="bill run as a ratio to plain COPY of the same rows",
            value=limit_seconds / seconds,
            unit="of the limit",
            bar=0.35,
            aim=0.6,
            note=f"limit {accounts / limit_seconds:,.0f}/s with {WORKERS} connections",
        ),
        Figure(
            name=f"cost per invoice at {large:,} accounts against {small:,}",
            value=cost[large] / cost[small],
            unit="times",
            bar=1.15,
            aim=1.05,
            lower_is_better=True,
            note=f"{cost[small] * 1e6:,.0f} and {cost[large] * 1e6:,.0f} microseconds",
        ),
        Figure(
            name="peak memory of one bill worker",
            value=memory_mb,
            unit="MB",
            bar=400,
            aim=200,
            lower_is_better=True,
            note=note,
        ),
    ]


def _bill(accounts: int) -> tuple[RunStatus, float]:
    with scratch_database() as name:
        return _run(name, accounts)


def _run(name: str, accounts: int) -> tuple[RunStatus, float]:
    brand_id, version_id = make_reference_data()
    make_homes(database=name, first=1, last=accounts, brand_id=brand_id, plan_version_id=version_id)
    _checkpoint(name)
    began = time.perf_counter()
    status = run_bills(
        order=RunOrder(as_of=READ, read_cycle=CYCLE), workers=LocalProcesses(WORKERS)
    )
    seconds = time.perf_counter() - began
    if status.billed != accounts:
        raise RuntimeError(f"{status.billed} of {accounts} accounts were billed")
    print(f"{accounts:,} accounts in {seconds:.2f} s: {accounts / seconds:,.0f} invoices/s")
    return status, seconds


def _checkpoint(name: str) -> None:
    """What the set-up has dirtied is not to be written in the measured time."""
    with superuser_connection(connections["billing"].settings_dict, dbname=name) as owner:
        owner.execute("CHECKPOINT")


def _bill_and_limit(accounts: int) -> tuple[RunStatus, float, float, float]:
    with scratch_database() as name:
        status, seconds = _run(name, accounts)
        memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return status, seconds, _limit(name, accounts), memory_mb


def _limit(name: str, accounts: int) -> float:
    """Reading the same interval rows and writing the same result rows, and nothing else."""
    settings = connections["billing"].settings_dict
    with superuser_connection(settings, dbname=name) as owner:
        owner.execute("CREATE SCHEMA plain")
        for table in RESULT_TABLES:
            owner.execute(
                f"CREATE TABLE plain.{table} (LIKE billing.{table} INCLUDING ALL)".encode()
            )
    shares = [_share(name, n) for n in range(WORKERS)]
    _checkpoint(name)
    bounds = [(1 + n * accounts // WORKERS, (n + 1) * accounts // WORKERS) for n in range(WORKERS)]
    seconds = _together(
        [lambda n=n: _copy(name, shares[n], *bounds[n]) for n in range(WORKERS)]  # type: ignore[misc]
    )
    print(f"plain COPY in {seconds:.2f} s: {accounts / seconds:,.0f} a second")
    return seconds


def _share(name: str, number: int) -> dict[str, list[bytes]]:
    """One connection's part of the result rows, as they will be written."""
    found = {}
    with superuser_connection(connections["billing"].settings_dict, dbname=name) as owner:
        for table in RESULT_TABLES:
            query = (
                f"COPY (SELECT * FROM billing.{table} t WHERE "
                f"abs(hashtext(t::text)) % {WORKERS} = {number}) TO STDOUT (FORMAT BINARY)"
            )
            with owner.cursor().copy(query.encode()) as copy:
                found[table] = [bytes(block) for block in copy]
    return found


def _copy(name: str, share: dict[str, list[bytes]], first: int, last: int) -> None:
    settings = connections["billing"].settings_dict
    with superuser_connection(settings, dbname=name, autocommit=False) as owner:
        query = (
            "COPY (SELECT meter_point_id, date, wh FROM meter.interval_day "
            f"WHERE meter_point_id BETWEEN {first} AND {last} AND date >= '{START}' "
            f"AND date < '{READ}') TO STDOUT (FORMAT BINARY)"
        )
        with owner.cursor().copy(query.encode()) as copy:
            for _ in copy:
                pass
        for table, blocks in share.items():
            with owner.cursor().copy(
                f"COPY plain.{table} FROM STDIN (FORMAT BINARY)".encode()
            ) as copy:
                for block in blocks:
                    copy.write(block)
        owner.commit()


def _together(work: list[Callable[[], None]]) -> float:
    """Wall time of all of them at once, each in a process of its own."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    crew = [context.Process(target=one) for one in work]
    began = time.perf_counter()
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    seconds = time.perf_counter() - began
    if any(process.exitcode for process in crew):
        raise RuntimeError("a copying process failed")
    return seconds
