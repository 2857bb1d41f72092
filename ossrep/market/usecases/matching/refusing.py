"""A document that was taken all the same is refused by hand, with an 824."""

from __future__ import annotations

import datetime as dt

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.clocks import chain_due_at
from ossrep.market.domain.deadlines import local_text
from ossrep.market.domain.reject_codes import CodeList, find_code
from ossrep.market.domain.timing import get_hops
from ossrep.market.models import InboundSet, InvoiceDocument, OutboundMessage, UsageDocument
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.usecases.interchange.advising import queue_advice_of
from ossrep.market.usecases.interchange.outbound import OutboundMessageId
from ossrep.market.usecases.interchange.rereading import reread_sets
from ossrep.market.usecases.service_point_locks import lock_service_points

WINDOW = "824.reject_window"


class AdviceRefused(DomainError):
    """An 824 that must not be sent."""

    code = "advice_refused"


def send_advice(
    *, reference: str, code: str, text: str, now: dt.datetime, even_if_late: bool = False
) -> OutboundMessageId:
    """Queues an 824 for an 867_03 or 810_02 of that number, to who sent it.

    Within five Retail Business Days of its receipt (RMG 7.7.1). What the document did stays until
    the sender cancels or replaces it. Raises AdviceRefused.
    """
    with transaction():
        document = _find(reference)
        lock_service_points(esi_ids=[document.esi_id])
        sets = InboundSet.objects.select_related("group__interchange", "partner")
        stored = sets.get(pk=document.inbound_set_id)
        _check(document, stored, code, text)
        until = chain_due_at(
            start=document.received_at, hops=get_hops(keys=[WINDOW]), calendars=get_calendars()
        )
        if until is not None and now > until and not even_if_late:
            raise AdviceRefused(
                f"the time for an 824 ended on {local_text(until)}: dispute it by MarkeTrak "
                "(Billing and Usage)",
                where=reference,
            )
        (item,) = reread_sets(stored=[stored])
        assert stored.partner is not None
        return queue_advice_of(item=item, code=code, text=text, partner=stored.partner, now=now)


def _find(reference: str) -> UsageDocument | InvoiceDocument:
    found: list[UsageDocument | InvoiceDocument] = [
        *UsageDocument.objects.filter(reference=reference, refusal=""),
        *InvoiceDocument.objects.filter(reference=reference, refusal=""),
    ]
    if len(found) != 1:
        told = "no 867_03 or 810_02 that was taken" if not found else "more than one document"
        raise AdviceRefused(f"{told} has this number", where=reference)
    return found[0]


def _check(
    document: UsageDocument | InvoiceDocument, stored: InboundSet, code: str, text: str
) -> None:
    where = document.reference
    if not find_code(code_list=CodeList.ADVICE, code=code).meaning:
        raise AdviceRefused(f"{code!r} is no reason code of an 824 (RMG 9 D2)", where=where)
    if not text.strip():
        raise AdviceRefused("say in words what is wrong", where=where)
    if stored.partner is None:
        raise AdviceRefused("its sender is no trading partner", where=where)
    earlier = OutboundMessage.objects.filter(kind="824", original_reference=where)
    if earlier.filter(partner=stored.partner, esi_id=document.esi_id).exists():
        raise AdviceRefused("an 824 about it was sent before", where=where)
