"""867_03 interval files to typed transactions: bytes in, columns of intervals out, one core.

Each set is a month of one meter with its summaries: 2,880 quarter hours with three decimals as
meters send them, KA for some of them, and a file has many sets in one group. The figure counts
every segment of the file, the envelope included, from its bytes to the dataclasses.
"""

from __future__ import annotations

import datetime as dt
import random
import time

from bench.figures import BenchCannotRun, Figure
from ossrep.market.edi.texas_set.intervals import write_ends
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.reading import read_transaction
from ossrep.market.edi.texas_set.usage import MonthlyUsage
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.edi.x12.model import TransactionSet
from ossrep.market.edi.x12.reading import CHUNK_BYTES
from ossrep.market.edi.x12.streaming import stream

BAR, AIM = 150_000, 500_000
MONTHLY_BAR = 50_000
START, DAYS = dt.date(2026, 6, 1), 30
FIRST_MINUTE = int(dt.datetime(2026, 6, 1, 5, tzinfo=dt.UTC).timestamp()) // 60


def run(*, quick: bool) -> list[Figure]:
    """Reads interval files, then the usual monthly ones."""
    sets = 10 if quick else 60
    return [
        _measure("867_03 interval files to typed transactions", interval_set, sets, BAR, AIM),
        _measure(
            "867_03 monthly files to typed transactions", monthly_set, sets * 40, MONTHLY_BAR, None
        ),
    ]


def _measure(name: str, make: object, sets: int, bar: int, aim: int | None) -> Figure:
    data, segments = _file(sets, make)
    rounds = []
    for _ in range(3):
        started = time.process_time()
        found = _read(data)
        rounds.append(time.process_time() - started)
    if len(found) != sets or any(check_usage(each, as_of=dt.date(2026, 8, 1)) for each in found):
        raise BenchCannotRun("what was read is not what was written")
    seconds = min(rounds)
    return Figure(
        name=name,
        value=segments / seconds,
        unit="segments/s and core",
        bar=bar,
        aim=aim,
        note=f"{sets} sets, {segments:,} segments, {len(data) / 1e6:.0f} MB, best of 3, CPU time",
    )


def _read(data: bytes) -> list[MonthlyUsage]:
    """As the mailroom reads: set by set, none kept longer than it takes."""
    chunks = (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
    found: list[Transaction] = [
        read_transaction(each) for each in stream(chunks) if isinstance(each, TransactionSet)
    ]
    return [each for each in found if isinstance(each, MonthlyUsage)]


def _file(sets: int, make: object) -> tuple[bytes, int]:
    dice = random.Random(867)
    isa = (
        "ISA*00*          *00*          *01*183529049      *01*999999999      *260702*0312*U*00401"
    )
    lines = [f"{isa}*000000001*0*T*>", "GS*PT*183529049*999999999*20260702*0312*1*X*004010"]
    assert callable(make)
    for number in range(1, sets + 1):
        body: list[str] = make(number, dice)
        lines += [f"ST*867*{number:04d}", *body, f"SE*{len(body) + 2}*{number:04d}"]
    lines += [f"GE*{sets}*1", "IEA*1*000000001"]
    return "".join(f"{line}~" for line in lines).encode(), len(lines)


def _head(number: int, report_type: str) -> list[str]:
    return [
        f"BPT*00*USG{number:018d}*20260702*{report_type}",
        "N1*8S*SAMPLE TDSP*9*1039940674000",
        "N1*AY*ERCOT*1*183529049**41",
        "N1*SJ*SAMPLE REP*1*999999999**40",
        f"REF*Q5**1044372{number:010d}",
    ]


def interval_set(number: int, dice: random.Random) -> list[str]:
    period = ["DTM*150*20260601", "DTM*151*20260701"]
    meter = [f"REF*MG*{number:09d}LG", "REF*JH*A", "REF*MT*KH015"]
    ends = write_ends(range(FIRST_MINUTE + 15, FIRST_MINUTE + DAYS * 1440 + 1, 15))
    values = [dice.randrange(40, 250_000) for _ in ends]
    total = f"{sum(values) / 1000:.3f}"
    pairs = [
        line
        for value, (date, clock) in zip(values, ends, strict=True)
        for line in (
            f"QTY*{'KA' if value % 97 == 0 else 'QD'}*{value // 1000}.{value % 1000:03d}*KH",
            f"DTM*194*{date}*{clock}",
        )
    ]
    return [
        *_head(number, "C1"),
        *["PTD*IA", *period, "REF*MT*KH015", f"QTY*QD*{total}*KH"],
        *["PTD*BO", *period, *meter, f"QTY*QD*{total}*KH", "MEA**MU*1"],
        *["PTD*PM", *period, *meter, *pairs],
    ]


def monthly_set(number: int, dice: random.Random) -> list[str]:
    period = ["DTM*150*20260601", "DTM*151*20260701"]
    kwh, kw, begin = (
        dice.randrange(200, 4000),
        dice.randrange(2, 40),
        dice.randrange(10_000, 60_000),
    )
    meter = [f"REF*MG*{number:09d}LG", "REF*JH*A"]
    return [
        *_head(number, "DD"),
        *["PTD*SU", *period, "REF*MT*KHMON", f"QTY*QD*{kwh}*KH", f"MEA**PRQ*{kwh}*KH***51"],
        *["PTD*SU", *period, "REF*MT*K1MON", f"QTY*QD*{kw}*K1", f"MEA**PRQ*{kw}*K1***51"],
        *["PTD*PL", *period, *meter, "REF*MT*KHMON", f"QTY*QD*{kwh}*KH"],
        *[f"MEA*AA*PRQ*{kwh}*KH*{begin}*{begin + kwh}*51", "MEA**MU*1"],
        *["PTD*PL", *period, *meter, "REF*MT*K1MON", f"QTY*QD*{kw}*K1"],
        *[f"MEA*AA*PRQ*{kw}*K1**{kw}*51", "MEA**MU*1"],
    ]
