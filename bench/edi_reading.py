"""Reading a generic X12 file: envelope and segments, checked, against pyx12's reader.

Both read the same bytes from memory, in the same run and in turn: 814-like and 867-like sets of
10 to 60 segments in one interchange. Ours takes chunks of 1 MB and gives whole sets with their
faults; pyx12's reader gives segments one at a time with its own checks of counts and control
numbers. The second figure is the peak memory (RSS) of a process of its own that reads an
interchange of 100 MB, written chunk by chunk and never held. Run alone:
``python -m bench.edi_reading``.
"""

from __future__ import annotations

import dataclasses
import gc
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figures import Figure
from ossrep.market.edi.x12.model import TransactionSet
from ossrep.market.edi.x12.streaming import InterchangeEnd, stream

SPEED = "X12 reading, times as fast as pyx12's reader"
SPEED_BAR, SPEED_AIM = 5, 12
MEMORY = "interchange of 100 MB, peak memory"
MEMORY_BAR_MB = 300
INTERCHANGE_BYTES = 100_000_000
CHUNK_BYTES = 1 << 20

HEADER = (
    "ISA*00*          *00*          *01*183529049      *01*999999999      "
    "*260219*0312*U*00401*000000501*0*T*>~"
    "GS*PT*183529049*999999999*20260219*0312*501*X*004010~"
)
HEAD = (
    "BPT*00*8670300Z{n:015d}*20260219*DD~N1*8S*SAMPLE TDSP*9*1039940674000~"
    "N1*AY*ERCOT*1*183529049~N1*SJ*SAMPLE REP*1*999999999~REF*Q5**1044372{n:010d}~"
    "PTD*PL~DTM*150*20260119~DTM*151*20260218~REF*MG*{n:09d}LG~"
)
READ = "QTY*QD*{kwh}*KH~DTM*194*20260119*{minute:04d}~"


def transaction_set(number: int) -> str:
    """One set of 11 to 61 segments, the longer ones of quarter-hour values."""
    pairs = number % 26
    body = HEAD.format(n=number) + "".join(
        READ.format(kwh=f"0.{number % 1000:03d}", minute=pair * 15) for pair in range(pairs)
    )
    count = 11 + 2 * pairs
    return f"ST*867*{number:04d}~{body}SE*{count}*{number:04d}~"


def trailer(sets: int) -> str:
    """GE and IEA."""
    return f"GE*{sets}*501~IEA*1*000000501~"


def generic_file(sets: int) -> bytes:
    """A whole interchange in memory."""
    body = "".join(transaction_set(number) for number in range(1, sets + 1))
    return (HEADER + body + trailer(sets)).encode()


def endless_chunks(size: int) -> Iterator[bytes]:
    """An interchange of about ``size`` bytes, made while it is read."""
    yield HEADER.encode()
    made = sets = 0
    while made < size:
        block = "".join(transaction_set(sets + n) for n in range(1, 1001)).encode()
        sets += 1000
        made += len(block)
        yield block
    yield trailer(sets).encode()


def ours(data: bytes) -> int:
    """Segments read and checked by ``stream``, the five of the envelope included."""
    segments = 4
    chunks = (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
    for event in stream(chunks):
        if type(event) is TransactionSet:
            if event.faults:
                raise AssertionError(f"the file of the figure is faultless: {event.faults}")
            segments += len(event.segments)
        elif type(event) is InterchangeEnd and event.interchange.faults:
            raise AssertionError(f"the file of the figure is faultless: {event.interchange.faults}")
    return segments


def pyx12s(data: bytes) -> int:
    """Segments read and checked by pyx12."""
    from pyx12.x12file import X12Reader

    reader = X12Reader(io.StringIO(data.decode()))
    segments = sum(1 for _ in reader)
    errors = list(reader.pop_errors())
    if errors:
        raise AssertionError(f"the file of the figure is faultless: {errors}")
    return segments


def speeds(sets: int, rounds: int) -> tuple[float, float, int]:
    """Medians of segments a second, ours and pyx12's, by processor time; and the segments."""
    data = generic_file(sets)
    expected = data.count(b"~")
    measured: dict[str, list[float]] = {"ours": [], "pyx12": []}
    for _ in range(rounds):
        for name, read in (("ours", ours), ("pyx12", pyx12s)):
            gc.collect()
            begin = time.thread_time()
            segments = read(data)
            measured[name].append(segments / (time.thread_time() - begin))
            if segments != expected:
                raise AssertionError(f"{name} read {segments} of {expected} segments")
    return statistics.median(measured["ours"]), statistics.median(measured["pyx12"]), expected


def peak_memory_mb(size: int) -> tuple[float, int]:
    """Peak RSS of a fresh process that reads ``size`` bytes, and how many sets it gave."""
    code = (
        "import pathlib, re, sys\n"
        "from bench.edi_reading import endless_chunks\n"
        "from ossrep.market.edi.x12.streaming import InterchangeEnd, stream\n"
        "from ossrep.market.edi.x12.model import TransactionSet\n"
        "sets = 0\n"
        "for event in stream(endless_chunks(int(sys.argv[1]))):\n"
        "    sets += type(event) is TransactionSet\n"
        "    if type(event) is InterchangeEnd:\n"
        "        assert not event.interchange.faults\n"
        # Not getrusage: a child inherits the peak of the process that it was forked from.
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1], sets)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(size)], capture_output=True, text=True, check=True
    )
    kilobytes, sets = map(int, ran.stdout.split())
    return kilobytes / 1000, sets


def run(quick: bool = False) -> list[Figure]:
    """Both figures."""
    sets, rounds, size = (500, 1, 5_000_000) if quick else (5_000, 5, INTERCHANGE_BYTES)
    mine, theirs, segments = speeds(sets, rounds)
    memory_mb, read_sets = peak_memory_mb(size)
    return [
        Figure(
            name=SPEED,
            value=round(mine / theirs, 2),
            unit="×",
            bar=SPEED_BAR,
            aim=SPEED_AIM,
            note=(
                f"{mine:,.0f} against {theirs:,.0f} segments a second and core; {segments:,} "
                f"segments, median of {rounds} rounds in turn, processor time"
            ),
        ),
        Figure(
            name=MEMORY,
            value=round(memory_mb, 1),
            unit="MB",
            bar=MEMORY_BAR_MB,
            lower_is_better=True,
            note=(
                f"{size / 1e6:,.0f} MB, {read_sets:,} transaction sets, streamed; "
                "RSS of the whole process"
            ),
        ),
    ]


if __name__ == "__main__":
    print(json.dumps([dataclasses.asdict(figure) for figure in run()], indent=1))
