"""Groups between ids that nobody had registered, taken up again once somebody has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.market.models import (
    Channel,
    InboundFile,
    MarketIdentity,
    OutboundMessage,
    TradingPartner,
    WorkItem,
)
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.reopening import NotReopened, reopen_file
from ossrep.market.usecases.interchange.storing import store_file
from tests.factories.market_mail import (
    ERCOT,
    NOW,
    US,
    applied,
    handling,
    mail,
    outcomes,
    register,
    switch_reject,
)

pytestmark = pytest.mark.django_db(databases="__all__")
APPLIED = handling(k814_02=applied)
OTHER = "123456789"


@pytest.fixture(autouse=True)
def _partners() -> Iterator[None]:
    register()
    yield
    assert_invariants(contexts=["market"])


def two_groups(*, old: str = f"GS*GE*{ERCOT}", new: str = f"GS*GE*{OTHER}") -> bytes:
    """One group between registered ids, and one with ``new`` in the place of ``old``."""
    data = mail(switch_reject(reference="A1"))
    more = mail(switch_reject(reference="A2"), group_number=2)
    second = more[more.index(b"GS*") : more.index(b"IEA*")]
    return data.replace(b"IEA*1*", second.replace(old.encode(), new.encode()) + b"IEA*2*")


def receive(data: bytes) -> None:
    store_file(name="a.edi", data=data, channel=Channel.objects.get(code="hand"), now=NOW)
    list(process_files(now=NOW, find_handler=APPLIED))


def reprocess() -> list[Any]:
    reopen_file(file_id=InboundFile.objects.get().pk)
    return list(process_files(now=NOW, find_handler=APPLIED))


def register_other() -> None:
    hand = Channel.objects.get(code="hand")
    TradingPartner.objects.create(code="NEW", name="New", channel=hand, isa_id=ERCOT, gs_id=OTHER)


class TestAGroupOfANewGsId:
    def test_is_taken_when_its_file_is_processed_again(self) -> None:
        receive(two_groups())
        assert outcomes() == [("A1", "applied", ""), ("A2", "rejected", "unregistered")]
        register_other()

        [taken] = reprocess()

        assert (taken.state, taken.applied, taken.rejected) == ("done", 1, 0)
        assert outcomes()[2:] == [("A2", "applied", "")]
        answered = OutboundMessage.objects.filter(kind="997").order_by("pk")
        assert [message.segments[1] for message in answered] == [
            ["AK1", "GE", "1"],
            ["AK1", "GE", "2"],
        ]
        assert [item.state for item in WorkItem.objects.all()] == ["resolved"]

    def test_is_taken_when_its_file_comes_again(self) -> None:
        data = two_groups()
        receive(data)
        register_other()

        receive(data)

        assert outcomes()[2:] == [("A2", "applied", "")]

    def test_is_taken_once(self) -> None:
        receive(two_groups())
        register_other()
        reprocess()

        with pytest.raises(NotReopened, match="no group of it was refused"):
            reprocess()

        assert len(outcomes()) == 3

    def test_waits_on_while_nobody_registers_it(self) -> None:
        receive(two_groups())

        [taken] = reprocess()

        assert taken.notes == [f"group GE 2 of {OTHER} is still not between registered ids"]
        assert len(outcomes()) == 2

    def test_of_ours_is_taken_once_we_have_it(self) -> None:
        receive(two_groups(old=f"{US}*2026", new="888888888*2026"))
        assert outcomes()[1:] == [("A2", "rejected", "not_for_us")]
        MarketIdentity.objects.create(duns="888888888", name="B", isa_id=US, gs_id="888888888")

        reprocess()

        assert outcomes()[2:] == [("A2", "applied", "")]
