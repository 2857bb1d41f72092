"""Interchanges of any size pass through the mailroom in memory of one size."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from bench.market_file import write_file
from ossrep.infra.invariants import assert_invariants
from ossrep.market.edi.x12.acknowledging import read_997
from ossrep.market.edi.x12.model import TransactionSet
from ossrep.market.models import InboundFile, InboundGroup, InboundOutcome, InboundSet
from ossrep.market.models import OutboundMessage as Message
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import take_in
from ossrep.market.usecases.interchange.rereading import raw_set
from tests.factories.market_mail import NOW, applied, handling, register
from tests.integration.billing.faults import fork, wait

GROWTH_MAX_MB = 80


def receive_within_bounds(path: Path) -> None:
    """Ends with an error when the process grew by more than the bound at any time."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _kilobytes("VmRSS")
    list(take_in(paths=[path], now=NOW))
    list(process_files(now=NOW, find_handler=handling(k867_03=applied)))
    grown_mb = (_kilobytes("VmHWM") - before) / 1024
    if grown_mb > GROWTH_MAX_MB:
        print(f"grew by {grown_mb:.0f} MB")
        os._exit(7)


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


class TestALargeInterchange:
    @pytest.mark.parametrize(
        "size_mb",
        [pytest.param(8, id="8"), pytest.param(100, id="100", marks=pytest.mark.long)],
    )
    def test_is_taken_whole_in_bounded_memory(
        self, fresh_database: str, tmp_path: Path, size_mb: int
    ) -> None:
        register()
        path = tmp_path / "large.edi"
        sets = write_file(path, size_mb * 1_000_000)
        data = path.read_bytes()

        status = wait(fork(lambda: receive_within_bounds(path)))

        assert status == 0
        file = InboundFile.objects.get()
        assert (file.sha256, file.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
        assert InboundOutcome.objects.filter(state="applied").count() == sets
        assert InboundGroup.objects.get().set_count == sets
        places = InboundSet.objects.order_by("pk").values_list("place", flat=True)
        assert list(places) == list(range(1, sets + 1))
        last = InboundSet.objects.get(place=sets)
        raw = raw_set(stored=last)
        assert raw == data[last.raw_offset : last.raw_offset + last.raw_length]
        body = raw[raw.index(b"~") : raw.rindex(b"SE*")]
        assert bytes(last.body_sha256) == hashlib.sha256(body).digest()
        answer = read_997(TransactionSet("997", "0001", Message.objects.get().segments))
        assert (answer.result, answer.received, answer.accepted) == ("A", sets, sets)
        assert_invariants(contexts=["market"])
