"""The memory that one interchange of 100 MB takes, received by the command in a fresh process."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.database import scratch_database
from bench.edi_usage import interval_set, monthly_set
from bench.figures import BenchCannotRun, Figure

SIZE_BYTES = 100_000_000
SIZE_BYTES_QUICK = 10_000_000
MONTHLY_PART = 20
"""Every so many bytes of the file one is of monthly sets, which are a hundred times as many."""
BAR_MB, AIM_MB = 300, 200
NOW = dt.datetime(2026, 7, 2, 15, 0, tzinfo=dt.UTC)
US, ERCOT = "999999999", "183529049"


def run(*, quick: bool) -> list[Figure]:
    """Writes the file, hands it in, and asks the kernel for the peak of the process."""
    size = SIZE_BYTES_QUICK if quick else SIZE_BYTES
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        _register()
        path = Path(folder) / "large.edi"
        sets = write_file(path, size)
        started = time.perf_counter()
        peak_bytes, taken = _receive(path)
        seconds = time.perf_counter() - started
    if (taken["state"], taken["applied"]) != ("done", sets):
        raise BenchCannotRun(f"{sets} sets were to be applied, and it says {taken}")
    return [
        Figure(
            name=f"memory for an interchange of {size / 1e6:.0f} MB",
            value=peak_bytes / 1e6,
            unit="MB",
            bar=BAR_MB,
            aim=AIM_MB,
            lower_is_better=True,
            note=f"{sets:,} sets in one group, {seconds:.0f} s, the whole process of the command",
        )
    ]


def _register() -> None:
    from ossrep.market.models import Channel, MarketIdentity, TradingPartner

    MarketIdentity.objects.create(duns=US, name="SAMPLE REP", isa_id=US, gs_id=US, is_default=True)
    TradingPartner.objects.filter(code="ERCOT").update(channel=Channel.objects.get(code="hand"))


def write_file(path: Path, size_bytes: int) -> int:
    """Writes one group of usage, months by intervals and by totals; how many sets it has."""
    dice, sets, written = random.Random(100), 0, 0
    head = (
        f"ISA*00*{'':10}*00*{'':10}*01*{ERCOT:<15}*01*{US:<15}*260702*0312*U*00401*000000001*0*P*>",
        f"GS*PT*{ERCOT}*{US}*20260702*0312*1*X*004010",
    )
    with path.open("w") as file:
        file.write("".join(f"{line}~" for line in head))
        while written < size_bytes:
            sets += 1
            is_monthly = written % (1 << 20) < (1 << 20) // MONTHLY_PART
            body = (monthly_set if is_monthly else interval_set)(sets, dice)
            lines = [f"ST*867*{sets:06d}", *body, f"SE*{len(body) + 2}*{sets:06d}"]
            written += file.write("".join(f"{line}~" for line in lines))
        file.write(f"GE*{sets}*1~IEA*1*000000001~")
    return sets


def _receive(path: Path) -> tuple[int, dict[str, object]]:
    command = [sys.executable, "manage.py", "market", "receive", str(path), "--json"]
    command += ["--as-of", NOW.isoformat()]
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env=os.environ)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        lines = out.read().splitlines()
    if process.returncode or not lines:
        raise BenchCannotRun(f"the command ended with {process.returncode}: {lines}")
    taken: dict[str, object] = json.loads(lines[-1])
    return usage.ru_maxrss * 1024, taken
