"""How many pairs of usage and invoice a second are received, stored, applied and acknowledged."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import django
from django.db import connections

from bench.database import scratch_database
from bench.figures import Figure

PAIRS = 10_000
PAIRS_QUICK = 1_000
SETS_PER_INTERCHANGE = 100
RECEIVERS = 2
US = "999999999"
ERCOT = "183529049"
ONCOR = "1039940674000"
NOW = dt.datetime(2026, 2, 19, 15, 0, tzinfo=dt.UTC)

USAGE = (
    "BPT*00*{usage}*20260219*DD",
    "N1*8S*SAMPLE TDSP*9*1039940674000",
    "N1*AY*ERCOT*1*183529049",
    "N1*SJ*SAMPLE REP*1*999999999",
    "REF*Q5**{esi_id}",
    *("PTD*SU", "DTM*150*20260119", "DTM*151*20260218", "REF*MT*KHMON", "QTY*QD*695*KH"),
    *("MEA**PRQ*695*KH***51", "PTD*SU", "DTM*150*20260119", "DTM*151*20260218"),
    *("REF*MT*K1MON", "QTY*QD*10*K1", "MEA**PRQ*10*K1***51"),
    *("PTD*PL", "DTM*150*20260119", "DTM*151*20260218", "REF*MG*000000001LG", "REF*JH*A"),
    *("REF*MT*KHMON", "QTY*QD*695*KH", "MEA*AA*PRQ*695*KH*19665*20360*51", "MEA**MU*1"),
)
INVOICE = (
    "BIG*20260219*{invoice}***{usage}**ME*00",
    "REF*Q5**{esi_id}",
    "N1*8S*SAMPLE TDSP*9*1039940674000",
    "N1*SJ*SAMPLE REP*1*999999999",
    "ITD******20260326",
    *("IT1*1*****SV*ELECTRIC*C3*RATE", "REF*NH*D0", "DTM*150*20260119", "DTM*151*20260218"),
    "SLN*1**A",
    "SAC*C**EU*TRN002*3621***3.620742*K1*10*****TRANSMISSION COST RECOVERY FACTOR",
    "SAC*C**EU*BAS003*3082***30.82*EA*1*****METERING CHARGE",
    "SAC*C**EU*MSC025*164***0.053*RA*31*10****NUCLEAR DECOMMISSIONING CHARGE",
    "SAC*C**EU*BAS001*925***9.25*EA*1*****CUSTOMER CHARGE",
    "SAC*C**EU*DIS001*13942***4.49733*RA*31*10****DISTRIBUTION SYSTEM CHARGE",
    "SAC*C**EU*MSC041*24***0.000348*KH*695*****ENERGY EFFICIENCY COST RECOVERY",
    "SAC*C**EU*MSC042*309***0.099593*RA*31*10****DISTRIBUTION COST RECOVERY FACTOR",
    "SAC*C**EU*MSC024*23***0.00033*KH*695*****ELECTRICITY RELIEF PROGRAM",
    *("TDS*22090", "CTT*1"),
)


def run(*, quick: bool) -> list[Figure]:
    """Writes the files, lets two receivers work on them, counts what is acknowledged."""
    pairs = PAIRS_QUICK if quick else PAIRS
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        _register()
        files = _write_files(Path(folder), pairs)
        seconds = _receive(files)
        _check(pairs)
    return [
        Figure(
            name="867_03 and 810_02 received, stored, applied, acknowledged",
            value=pairs / seconds,
            unit="pairs/s",
            bar=300,
            aim=1_500,
            note=f"{pairs:,} pairs, {SETS_PER_INTERCHANGE} sets an interchange, "
            f"{RECEIVERS} receivers, fsync on",
        )
    ]


def _register() -> None:
    from ossrep.market.models import Channel, MarketIdentity, TradingPartner

    MarketIdentity.objects.create(duns=US, name="SAMPLE REP", isa_id=US, gs_id=US, is_default=True)
    hand = Channel.objects.get(code="hand")
    TradingPartner.objects.filter(code="ERCOT").update(channel=hand)
    TradingPartner.objects.filter(code="ONCOR_ELEC").update(channel=hand, isa_id=ONCOR)


def _write_files(folder: Path, pairs: int) -> Sequence[Path]:
    paths = []
    for start in range(0, pairs, SETS_PER_INTERCHANGE):
        numbers = range(start, min(start + SETS_PER_INTERCHANGE, pairs))
        control = start // SETS_PER_INTERCHANGE + 1
        for code, lines, sender, group in (
            ("867", USAGE, ERCOT, "PT"),
            ("810", INVOICE, ONCOR, "IN"),
        ):
            sets = [_set(code, lines, number, place) for place, number in enumerate(numbers, 1)]
            path = folder / f"{control:06d}_{code}.edi"
            path.write_text(_interchange(sets, sender, group, control))
            paths.append(path)
    return paths


def _set(code: str, lines: Sequence[str], number: int, place: int) -> str:
    values = {
        "usage": f"8670300Z{number:015d}",
        "invoice": f"81000000{number:015d}",
        "esi_id": f"1044372{number:010d}",
    }
    body = [line.format(**values) for line in lines]
    ends = (f"ST*{code}*{place:04d}", f"SE*{len(body) + 2}*{place:04d}")
    return "~".join([ends[0], *body, ends[1]])


def _interchange(sets: Sequence[str], sender: str, group: str, control: int) -> str:
    isa = (
        f"ISA*00*{'':10}*00*{'':10}*01*{sender:<15}*01*{US:<15}*260219*0312*U*00401"
        f"*{control:09d}*0*P*>"
    )
    gs = f"GS*{group}*{sender}*{US}*20260219*0312*{control}*X*004010"
    ends = (f"GE*{len(sets)}*{control}", f"IEA*1*{control:09d}")
    return "~".join([isa, gs, *sets, *ends]) + "~"


def _receive(files: Sequence[Path]) -> float:
    """Seconds from the start signal to the end of the last receiver; starting up is not counted."""
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(RECEIVERS + 1)
    crew = [
        context.Process(target=_receiver, args=(ready, [str(path) for path in files[n::RECEIVERS]]))
        for n in range(RECEIVERS)
    ]
    for receiver in crew:
        receiver.start()
    ready.wait()
    started = time.perf_counter()
    for receiver in crew:
        receiver.join()
    seconds = time.perf_counter() - started
    failed = [receiver.exitcode for receiver in crew if receiver.exitcode]
    if failed:
        raise RuntimeError(f"receivers ended with {failed}")
    return seconds


def _receiver(ready: Any, paths: Sequence[str]) -> None:
    django.setup()
    from ossrep.market.usecases.interchange.processing import process_files
    from ossrep.market.usecases.interchange.receiving_files import take_in

    connections["market"].ensure_connection()
    find = _finder()
    ready.wait()
    for path in paths:
        list(take_in(paths=[Path(path)], now=NOW))
        list(process_files(now=NOW, find_handler=find))
    list(process_files(now=NOW, find_handler=find))


def _finder() -> Callable[..., Any]:
    """The product's handlers; where a kind has none yet, one that does nothing."""
    from ossrep.market.usecases import receiving

    def nothing(received: receiving.Received) -> receiving.Outcome:
        return receiving.Outcome(state="applied")

    return lambda *, kind: receiving.find_handler(kind=kind) or nothing


def _check(pairs: int) -> None:
    from ossrep.market.models import InboundOutcome, OutboundMessage

    applied = InboundOutcome.objects.filter(state="applied").count()
    answers = OutboundMessage.objects.filter(kind="997").count()
    expected = 2 * -(-pairs // SETS_PER_INTERCHANGE)
    if (applied, answers) != (2 * pairs, expected):
        raise RuntimeError(f"{applied} sets applied, {answers} answers: {2 * pairs}, {expected}")
