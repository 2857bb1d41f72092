"""What the tests of imports share: files on disk, a customer book, days read back."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ossrep.infra import services
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.db import connection
from ossrep.meter.usecases.import_file import FileReport
from ossrep.meter.usecases.import_files import import_files
from ossrep.published.customer import CustomerService
from tests.factories.interval_files import esi_id
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account

RECEIVED_AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=MARKET_ZONE)


@contextlib.contextmanager
def known_esi_ids(*esi_ids: str) -> Iterator[None]:
    """Within it premises have these ESI IDs; the first ten invented ones unless given."""
    chosen = esi_ids or tuple(esi_id(i) for i in range(1, 11))
    accounts = [
        an_account(
            account_id=i, contracts=[a_contract(contract_id=i, account_id=i, esi_id=chosen_id)]
        )
        for i, chosen_id in enumerate(chosen, 1)
    ]
    with services.standing_in(CustomerService, InMemoryCustomers(accounts)):
        yield


def run_import(
    *paths: Path,
    workers: int = 1,
    received_at: dt.datetime = RECEIVED_AT,
    refused_max: int = 1_000,
) -> list[FileReport]:
    """Imports and gives the reports in order of the files."""
    reports: list[FileReport] = []
    import_files(
        paths=paths,
        received_at=received_at,
        workers=workers,
        on_progress=lambda _: None,
        on_report=reports.append,
        refused_max=refused_max,
    )
    return sorted(reports, key=lambda report: report.intake_id)


def import_bytes(folder: Path, name: str, data: bytes) -> FileReport:
    """Writes one file and imports it."""
    path = folder / name
    path.write_bytes(data)
    (report,) = run_import(path)
    return report


def current_values() -> dict[tuple[str, dt.date, int], tuple[list[int], str]]:
    """The days that count: (ESI ID, date, direction) to (Wh, quality letters)."""
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT p.esi_id, d.date, d.direction, d.wh, d.quality "
            "FROM current_interval_day d JOIN meter_point p ON p.id = d.meter_point_id"
        )
        rows = cursor.fetchall()
    found = {}
    for esi, date, direction, wh, quality in rows:
        values = np.frombuffer(wh, dtype="<i4").tolist()
        letters = bytes(quality).decode()
        full = letters * len(values) if len(letters) == 1 else letters
        found[esi, date, direction] = (values, full)
    return found


def count_rows(table: str) -> int:
    """Rows of a table."""
    with connection().cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
