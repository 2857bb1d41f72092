"""What becomes of a transaction that arrives: the contract between mailroom and processes.

The mailroom (``usecases/interchange``) stores, parses and finds the handler of the kind; a
handler decides inside the mailroom's transaction (a savepoint of its own for each set) and says
what it did. Handlers stand in ``HANDLERS``, one line per kind, as import paths, so that each
part of the market can be built and tested by itself.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NewType

from ossrep.market.edi.texas_set.model import Transaction

InboundSetId = NewType("InboundSetId", int)

OutcomeState = Literal["applied", "parked", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A typed transaction, the row that keeps its raw set, and who sent it when.

    ``partner`` is the trading partner's code (``ERCOT`` or a TDSP's code).
    """

    inbound_set_id: InboundSetId
    transaction: Transaction
    partner: str
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a handler did; committed with the set, before the group's 997 is written.

    ``applied``; ``parked``: kept until what it needs arrives or until it expires to a work item;
    ``rejected``: refused, with the code that the 824 or the work item gives. ``text`` says to a
    person what happened. The mailroom queues the 824 of a rejected 867_03 or 810_02 (with
    ``code`` and ``text``) in the same transaction; a handler that rejects queues none itself.
    """

    state: OutcomeState
    code: str = ""
    text: str = ""


WAITS_FOR_DOCUMENT = "waits_for_document"
"""Code of what is parked until the document that it names, or another about that, has come.

The mailroom tries it again then; what is parked with another code, with all news of its ESI ID.
"""

Handler = Callable[[Received], Outcome]


@dataclass(frozen=True, slots=True)
class TogetherHandler:
    """A handler that takes many sets of its kind at once: their outcomes, in their order.

    What it does must be what it would do one after the other. Where it raises, all that it did
    is undone and each set is given to it alone, so one bad set holds back no other.
    """

    take_together: Callable[[Sequence[Received]], Sequence[Outcome]]

    def __call__(self, received: Received) -> Outcome:
        """Takes one set."""
        return self.take_together([received])[0]


_ORDERS = "ossrep.market.usecases.orders.handlers"
_SERVICE = "ossrep.market.usecases.service_orders.handlers"
_MATCHING = "ossrep.market.usecases.matching.handlers"

HANDLERS: Mapping[str, str] = {
    "814_02": f"{_ORDERS}:take_answer",
    "814_05": f"{_ORDERS}:take_answer",
    "814_06": f"{_ORDERS}:take_notice",
    "814_08": f"{_ORDERS}:take_answer",
    "814_09": f"{_ORDERS}:take_answer",
    "814_12": f"{_ORDERS}:take_answer",
    "814_13": f"{_ORDERS}:take_answer",
    "814_17": f"{_ORDERS}:take_answer",
    "814_18": f"{_ORDERS}:take_answer",
    "814_19": f"{_ORDERS}:take_answer",
    "814_22": f"{_ORDERS}:take_notice",
    "814_25": f"{_ORDERS}:take_answer",
    "814_28": f"{_ORDERS}:take_answer",
    "867_04": f"{_ORDERS}:take_answer",
    "650_02": f"{_SERVICE}:take_service_answer",
    "650_04": f"{_SERVICE}:take_outage_notice",
    "814_11": f"{_SERVICE}:take_drop",
    "814_14": f"{_SERVICE}:take_transition",
    "814_20": f"{_SERVICE}:take_maintenance",
    "814_27": f"{_ORDERS}:take_answer",
    "814_PD": f"{_ORDERS}:take_answer",
    "867_02": f"{_SERVICE}:take_history",
    "867_03": f"{_MATCHING}:take_usage",
    "810_02": f"{_MATCHING}:take_invoice",
    "824": "ossrep.market.usecases.matching.refused_by_others:take_advice",
}
"""Kind of transaction (``814_05``) to the import path of its handler (``module:function``)."""


def find_handler(*, kind: str) -> Handler | None:
    """The handler of a kind, or None: then the set is kept and becomes a work item."""
    path = HANDLERS.get(kind)
    if path is None:
        return None
    module, _, name = path.partition(":")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler
