"""Partners, our identity, and files as partners would send them, for tests of the mailroom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ossrep.market.edi.x12.model import Segment, Separators
from ossrep.market.edi.x12.writing import (
    build_group,
    build_interchange,
    build_set,
    write_interchange,
)
from ossrep.market.models import Channel, InboundOutcome, MarketIdentity, TradingPartner
from ossrep.market.usecases.receiving import Handler, Outcome, Received

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
US = "999999999"
ERCOT = "183529049"
ONCOR = "1039940674000"
ESI_ID = "10443720000000001"


def register(*, folder: Path | None = None) -> None:
    """Us, and ERCOT and Oncor over one pair of folders (or only by hand)."""
    MarketIdentity.objects.create(duns=US, name="SAMPLE REP", isa_id=US, gs_id=US, is_default=True)
    code = "hand"
    if folder is not None:
        code = "market-folder"
        Channel.objects.create(
            code=code,
            transport="folder",
            settings={"incoming": str(folder / "in"), "outgoing": str(folder / "out")},
        )
    channel = Channel.objects.get(code=code)
    TradingPartner.objects.filter(code="ERCOT").update(channel=channel)
    TradingPartner.objects.filter(code="ONCOR_ELEC").update(channel=channel, isa_id=ONCOR)


def switch_reject(*, reference: str, esi_id: str = ESI_ID, original: str = "CR1") -> list[Segment]:
    """An 814_02 with a number of the sender's."""
    lines = (
        "ST*814*0001",
        f"BGN*11*{reference}*20260219***{original}**2",
        "N1*8S*SAMPLE TDSP*9*1039940674000",
        "N1*AY*ERCOT*1*183529049**41",
        "N1*SJ*SAMPLE REP*1*999999999**40",
        "LIN*1*SH*EL*SH*CE*SH*SW",
        "ASI*U*021",
        "REF*7G*A76*INVALID ESI ID",
        f"REF*Q5**{esi_id}",
        "SE*10*0001",
    )
    return [line.split("*") for line in lines]


def mail(
    *sets: Sequence[Segment],
    number: int = 1,
    sender: str = ERCOT,
    receiver: str = US,
    functional_id: str = "GE",
    is_test: bool = False,
    wants_ta1: bool = False,
    group_number: int | None = None,
    separators: Separators | None = None,
) -> bytes:
    """One interchange with one group."""
    group = build_group(
        functional_id=functional_id,
        sender=sender,
        receiver=receiver,
        now=NOW,
        control_number=number if group_number is None else group_number,
        sets=[
            build_set(segments=segments, control_number=f"{place:04d}")
            for place, segments in enumerate(sets, start=1)
        ],
    )
    return write_interchange(
        build_interchange(
            sender_qualifier="01",
            sender=sender,
            receiver_qualifier="01",
            receiver=receiver,
            now=NOW,
            control_number=number,
            is_test=is_test,
            groups=[group],
            wants_acknowledgment=wants_ta1,
            separators=separators,
        )
    )


def handling(**handlers: Callable[[Received], Outcome]) -> Callable[..., Handler | None]:
    """A ``find_handler`` of these handlers: ``handling(k814_02=...)``."""

    def find(*, kind: str) -> Handler | None:
        return handlers.get(f"k{kind}")

    return find


def applied(received: Received) -> Outcome:
    """A handler that is content with everything and does nothing."""
    return Outcome(state="applied", text=f"set {received.inbound_set_id}")


def outcomes() -> list[tuple[str, str, str]]:
    """(business number, state, code) of every outcome, in order."""
    rows = InboundOutcome.objects.order_by("pk")
    return list(rows.values_list("inbound_set__reference", "state", "code"))


@contextmanager
def folders(base: Path) -> Iterator[tuple[Path, Path]]:
    """The pair of folders of ``register(folder=base)``: (in, out)."""
    for name in ("in", "out"):
        (base / name).mkdir(parents=True, exist_ok=True)
    yield base / "in", base / "out"
