"""Interval import and reading: files on disk to validated, committed days, and months back out.

``manage.py meter import --workers 2`` runs as a process of its own on a database of its own
(migrated, empty, default durability); start of the interpreter and of the workers are in the
figure. Files are one local day of all meter points each, as a market sends them. The customer
context is stood in for by one that knows every ESI ID, since it is not what is measured.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ClassVar

import numpy as np
from django.conf import settings
from django.db import connections
from psycopg import sql

from bench.figures import BenchCannotRun, Figure
from ossrep.infra import database
from ossrep.kernel.identifiers import EsiId

WORKERS = 2
BAR, AIM = 1_000_000, 3_000_000
READING_BAR, READING_AIM = 40_000, 60_000
CHUNK = 1_000
FIRST_DAY = dt.date(2026, 6, 1)
DATABASE = "ossrep_bench_meter"


class EveryPremises:
    """A customer context to which every ESI ID is known."""

    context: ClassVar[str] = "customer"

    def find_known_esi_ids(self, *, esi_ids: Collection[str]) -> frozenset[EsiId]:
        """All of them."""
        return frozenset(EsiId(esi_id) for esi_id in esi_ids)


def run(*, quick: bool) -> list[Figure]:
    """Imports SMT CSV and LSE files, then reads the months."""
    points, smt_days, lse_days = (500, 2, 4) if quick else (5_000, 10, 30)
    figures = []
    with tempfile.TemporaryDirectory() as folder, _own_database():
        for name, days, write in (("SMT CSV", smt_days, _smt_file), ("LSE", lse_days, _lse_file)):
            files = Path(folder) / name
            files.mkdir()
            for day in range(days):
                write(files, FIRST_DAY + dt.timedelta(days=day), points)
            figures.append(_measure_import(name, files, days=days, points=points))
            _empty()
        figures.append(_measure_reading(Path(folder) / "LSE", days=lse_days, points=points))
    return figures


def _measure_import(name: str, files: Path, *, days: int, points: int) -> Figure:
    started = time.perf_counter()
    _import(files)
    seconds = time.perf_counter() - started
    intervals = days * points * 96
    megabytes = sum(path.stat().st_size for path in files.iterdir()) / 1e6
    return Figure(
        name=f"interval import, {name} to validated stored days",
        value=intervals / seconds,
        unit="intervals/s",
        bar=BAR,
        aim=AIM,
        note=f"{intervals:,} intervals, {megabytes:,.0f} MB in {days} files, {WORKERS} workers, "
        f"{seconds:.1f} s with process start",
    )


def _import(files: Path) -> None:
    command = [sys.executable, "manage.py", "meter", "import", str(files), "--json"]
    done = subprocess.run(
        [*command, "--workers", str(WORKERS), "--as-of", "2026-08-01"],
        env={
            **os.environ,
            "OSSREP_DATABASE_NAME": DATABASE,
            "OSSREP_SERVICES": json.dumps({"customer": f"{__name__}.EveryPremises"}),
            "PYTHONWARNINGS": "ignore",
        },
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchCannotRun(done.stderr[-2000:])
    totals = json.loads(done.stdout.strip().splitlines()[-1])
    if totals["refused"] or totals["unchanged"]:
        raise BenchCannotRun(f"the import did not take everything: {totals}")


def _measure_reading(files: Path, *, days: int, points: int) -> Figure:
    _import(files)
    with connections["meter"].cursor() as cursor:
        cursor.execute("SELECT esi_id FROM meter_point ORDER BY id")
        esi_ids = [row[0] for row in cursor.fetchall()]
    chunks = [esi_ids[i : i + CHUNK] for i in range(0, len(esi_ids), CHUNK)]
    connections.close_all()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        # The first round starts the workers and warms the server's cache.
        list(pool.map(_read, chunks, [days] * len(chunks)))
        started = time.perf_counter()
        rounds = 3
        sums = list(pool.map(_read, chunks * rounds, [days] * len(chunks) * rounds))
        seconds = time.perf_counter() - started
    if min(sums) <= 0:
        raise BenchCannotRun("the usage that was read is empty")
    return Figure(
        name="interval usage read for bills",
        value=rounds * points * days / 30 / seconds,
        unit="account-months/s",
        bar=READING_BAR,
        aim=READING_AIM,
        note=f"MeterService.get_interval_usage, {CHUNK} meter points a call, {WORKERS} processes",
    )


def _read(esi_ids: list[str], days: int) -> int:
    from ossrep.meter.service import MeterService
    from ossrep.published.meter import UsageRequest

    size = len(esi_ids)
    end = FIRST_DAY + dt.timedelta(days=days)
    usage = MeterService().get_interval_usage(
        request=UsageRequest(
            esi_ids=[EsiId(e) for e in esi_ids], starts=[FIRST_DAY] * size, ends=[end] * size
        )
    )
    return int(usage.import_wh.sum()) if not usage.missing_intervals.any() else 0


@contextlib.contextmanager
def _own_database() -> Iterator[None]:
    from django.core.management import call_command

    database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
    before = settings.DATABASES["default"]["NAME"]
    _drop()
    _point_at(DATABASE)
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        _point_at(before)
        _drop()


def _point_at(name: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def _drop() -> None:
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname="postgres") as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE))
        )


def _empty() -> None:
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname=DATABASE) as server:
        server.execute("TRUNCATE meter.interval_day, meter.vee_result")
    connections.close_all()


def _loads(day: dt.date, points: int) -> list[list[bytes]]:
    """kWh texts of each meter point: an evening peak, and noise, the same in every run."""
    draw = np.random.default_rng(day.toordinal())
    shape = 200 + 900 * np.sin(np.linspace(0, np.pi, 96)) ** 4
    scale = draw.uniform(0.3, 1.8, size=(points, 1))
    wh = (shape * scale * draw.uniform(0.6, 1.4, size=(points, 96))).astype(int)
    texts = [b"%d.%03d" % divmod(value, 1000) for value in range(5_000)]
    return [[texts[value] for value in row] for row in wh.tolist()]


def _smt_file(folder: Path, day: dt.date, points: int) -> None:
    labels = [
        b"%02d:%02d,%02d:%02d," % (*divmod(m, 60), *divmod((m + 15) % 1440, 60))
        for m in range(0, 1440, 15)
    ]
    stamp = f"{day:%m/%d/%Y},{day + dt.timedelta(days=1):%m/%d/%Y}"
    with (folder / f"IntervalMeterUsage{day:%Y%m%d}.csv").open("wb") as out:
        out.write(
            b"ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,"
            b"ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION\n"
        )
        for point, row in enumerate(_loads(day, points)):
            minute, second = divmod(point % 3600, 60)
            prefix = f"'{_esi_id(point)},{stamp} 06:{minute:02d}:{second:02d},".encode()
            out.write(
                b"".join(
                    b"%b%b%b,A,Consumption\n" % (prefix, label, kwh)
                    for label, kwh in zip(labels, row, strict=True)
                )
            )


def _lse_file(folder: Path, day: dt.date, points: int) -> None:
    codes = [b"%d," % (10_000_000 + hour) for hour in range(24)]
    stamp = f"{day + dt.timedelta(days=1):%Y%m%d}"
    with (folder / f"1039940674000IntervalData{stamp}221500001.lse").open("wb") as out:
        for point, row in enumerate(_loads(day, points)):
            minute, second = divmod(point % 3600, 60)
            out.write(
                f"00000001,{_esi_id(point)},4,{day:%Y%m%d}000000,{day:%Y%m%d}235959,Y,N\n"
                "00000002,,,,,,,900,01,,,,,CST\n"
                f"00000003,ONC{day:%Y%m%d}{point:010d}\n"
                f"00000004,{stamp}21{minute:02d}{second:02d},M\n"
                "00000030,ATTRIBUTE_VALUE_PAIRS,MRE=1039940674000,Sender=1039940674000,"
                "Receiver=183529049,REP=999999999\n".encode()
            )
            for hour, code in enumerate(codes):
                cells = b",A,,".join(row[4 * hour : 4 * hour + 4])
                out.write(code + cells + b",A,\n")


def _esi_id(point: int) -> str:
    return f"1044372{point:010d}"
