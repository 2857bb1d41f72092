"""The 824: tells the sender that an 867_03 or 810_02 is refused for its content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.db import transaction
from ossrep.market.edi.texas_set.advice import ApplicationAdvice, Note, RejectedDocument
from ossrep.market.edi.texas_set.model import ERCOT, Reason
from ossrep.market.models import TradingPartner
from ossrep.market.usecases.interchange.items import Item
from ossrep.market.usecases.interchange.outbound import (
    OutboundMessageId,
    queue_message,
    take_reference,
)

TABLE = Path(__file__).parents[2] / "data" / "advice.yaml"
ERCOT_CODE = "ERCOT"
NOTE_CHARS_MAX = 80
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;-/()")


def queue_advice(*, items: Sequence[Item], partner: TradingPartner, now: dt.datetime) -> None:
    """Queues an 824 for each usage or invoice that its handler rejected with a code.

    It goes to who sent the document: the TDSP for an invoice, ERCOT for usage that it forwarded
    (RMG 7.7.1). In the transaction of the outcomes. A rejection without code, or an 824 that
    cannot be written, is left to a person.
    """
    for item in items:
        if not _is_refused_by_handler(item):
            continue
        try:
            with transaction():
                assert item.outcome is not None
                code, text = item.outcome.code, item.outcome.text
                queue_advice_of(item=item, code=code, text=text, partner=partner, now=now)
        except DomainError as error:
            assert item.outcome is not None
            item.needs_person = True
            item.note = f"no 824 was sent: {error}"


def queue_advice_of(
    *, item: Item, code: str, text: str, partner: TradingPartner, now: dt.datetime
) -> OutboundMessageId:
    """Queues the 824 of one usage or invoice, in the caller's transaction."""
    return queue_message(
        transaction=_advice(item, code, text, partner, now), partner=partner.code, now=now
    )


def _is_refused_by_handler(item: Item) -> bool:
    if item.kind not in _table() or item.outcome is None or not item.was_handled:
        return False
    if item.outcome.state != "rejected":
        return False
    if not item.outcome.code:
        item.needs_person = True
        item.note = "no 824 was sent: the rejection has no code"
        return False
    return True


def _advice(
    item: Item, code: str, words: str, partner: TradingPartner, now: dt.datetime
) -> ApplicationAdvice:
    found = item.transaction
    assert found is not None
    row = _table()[item.kind]
    text = _plain(words)
    return ApplicationAdvice(
        reference=take_reference(prefix="AA"),
        date=now.astimezone(MARKET_ZONE).date(),
        original_reference=found.reference,
        esi_id=found.esi_id,
        tdsp=found.tdsp,
        retailer=found.retailer,
        ercot=ERCOT if partner.code == ERCOT_CODE else None,
        document=RejectedDocument(
            qualifier=row["qualifier"], reference=found.reference, set_code=row["set_code"]
        ),
        rejects=(Reason(code, text[:NOTE_CHARS_MAX]),),
        notes=(Note(text[:NOTE_CHARS_MAX]),) if text else (),
    )


def _plain(text: str) -> str:
    """Capitals and plain marks only: what every receiver takes."""
    return "".join(c if c in _PLAIN else " " for c in text.upper()).strip()


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    rows: Mapping[str, Mapping[str, Any]] = read_yaml(path=TABLE).data
    return rows
