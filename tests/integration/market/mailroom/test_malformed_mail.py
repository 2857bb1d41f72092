"""Damaged files by the thousand: each is answered or quarantined, nothing is half-written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.market.db import transaction
from ossrep.market.models import (
    Channel,
    InboundFile,
    InboundOutcome,
    InboundSet,
    OutboundMessage,
    WorkItem,
)
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.storing import read_bytes, store_file
from ossrep.market.usecases.interchange.taken import Taken
from tests.factories.malformed_edi import MalformedFile, malformed_files
from tests.factories.market_mail import NOW, applied, register

pytestmark = pytest.mark.django_db(databases="__all__")
EVERY = 25
"""Of the files, one in so many in the normal tests; all of them in the long ones."""


class Undone(Exception):
    """Takes back what one file has left, so that the next one meets nothing of it."""


class TestADamagedFile:
    @pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.long)])
    def test_is_answered_or_quarantined(self, step: int, settings: Any) -> None:
        settings.OSSREP_MARKET_ENVIRONMENT = "test"
        register()
        chosen = list(malformed_files())[::step]

        endings = Counter(ending_of(file) for file in chosen)

        assert sum(endings.values()) == len(chosen)
        assert min(endings["done"], endings["quarantined"], endings["refused"]) > 0


def ending_of(file: MalformedFile) -> str:
    ending = ""
    try:
        with transaction():
            hand = Channel.objects.get(code="hand")
            store_file(name=file.name, data=file.data, channel=hand, now=NOW)
            taken = list(process_files(now=NOW, find_handler=lambda *, kind: applied))
            check(file, taken)
            ending = taken[0].state
            raise Undone
    except Undone:
        return ending


def check(file: MalformedFile, taken: Sequence[Taken]) -> None:
    told = f"{file.name}: {file.damage}"
    assert [each.state == "stored" for each in taken] == [False], told
    kept = InboundFile.objects.get()
    assert read_bytes(file_id=kept.pk) == file.data, told
    assert not WorkItem.objects.filter(kind="file_unexpected").exists(), told
    assert not InboundOutcome.objects.filter(code="unexpected").exists(), told
    is_answered = OutboundMessage.objects.filter(kind__in=["997", "TA1"]).exists()
    is_asked_about = WorkItem.objects.exists()
    assert is_answered or is_asked_about or only_997s(), told
    assert_invariants(contexts=["market"])


def only_997s() -> bool:
    return InboundSet.objects.exists() and not InboundSet.objects.exclude(kind="997").exists()
