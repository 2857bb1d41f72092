"""Queues what we send: the message, the step that sends it and its event in one transaction."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Sequence
from typing import NewType

from django.db import IntegrityError

from ossrep.infra.outbox import append
from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.writing import write_transaction
from ossrep.market.edi.x12.functional_groups import functional_id_of
from ossrep.market.edi.x12.model import Segment
from ossrep.market.models import OutboundMessage, QueuedMessage, TradingPartner
from ossrep.published.market import MessageQueued

OutboundMessageId = NewType("OutboundMessageId", int)

REFERENCE_CHARS_MAX = 30
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RANDOM_CHARS = 6
_PREFIX = re.compile(r"[A-Z0-9]{0,14}")


class UnknownPartner(DomainError):
    """A message to someone who is not registered as a trading partner."""

    code = "unknown_partner"


class ReferenceUsed(DomainError):
    """A message whose own number another message of its kind has."""

    code = "reference_used"


class InvalidPrefix(DomainError):
    """A prefix that a reference cannot begin with."""

    code = "invalid_prefix"


def queue_message(
    *,
    transaction: Transaction,
    partner: str,
    now: dt.datetime,
    step_id: int | None = None,
) -> OutboundMessageId:
    """Queues a typed transaction to a partner (its code), in the caller's transaction.

    ``market send`` writes it into an interchange and hands it over. The event
    ``market.message-queued.v1`` wakes whoever listens. Raises ``UnknownPartner``,
    ``ReferenceUsed`` where the kind's reference was sent before, and ``EdiError`` where the
    transaction cannot be written.
    """
    segments = write_transaction(transaction)
    message = OutboundMessage(
        partner=find_partner(code=partner),
        functional_id=functional_id_of(set_code=segments[0][1]),
        kind=transaction.kind,
        reference=transaction.reference,
        original_reference=transaction.original_reference,
        esi_id=transaction.esi_id,
        our_duns=transaction.retailer.duns if transaction.retailer else "",
        segments=list(segments),
        step_id=step_id,
        queued_at=now,
    )
    return queue_segments(message=message, tell=True)


def queue_segments(*, message: OutboundMessage, tell: bool = False) -> OutboundMessageId:
    """Queues an unsaved message whose segments are written already, in the caller's transaction.

    ``tell``: with the event. Acknowledgments are queued without: they are no facts of business.
    """
    try:
        with transaction():
            message.save(force_insert=True)
    except IntegrityError as error:
        if "market_outbound_number_once" not in str(error):
            raise
        raise ReferenceUsed(
            f"a {message.kind} with this number was queued before", where=message.reference
        ) from error
    QueuedMessage.objects.create(message=message, partner_id=message.partner_id)
    if tell:
        append(
            context="market",
            event=MessageQueued(
                message_id=message.pk,
                kind=message.kind,
                partner_code=message.partner.code,
                esi_id=message.esi_id,
                reference=message.reference,
                queued_at=message.queued_at,
            ),
        )
    return OutboundMessageId(message.pk)


def find_partner(*, code: str) -> TradingPartner:
    """The partner of that code; ``UnknownPartner`` where none is registered."""
    partner = TradingPartner.objects.select_related("channel").filter(code=code).first()
    if partner is None:
        raise UnknownPartner(
            f"no trading partner has the code {code!r}; see manage.py market partners"
        )
    return partner


def take_reference(*, prefix: str) -> str:
    """A number that no message of ours has or will have: ``[A-Z0-9]``, at most 30 characters.

    For BGN02 and its like ("never reused", RMG 11.2.5.10). The random end keeps it unique even
    when a database was restored to an earlier state. ``prefix``: at most 14 characters.
    """
    if not _PREFIX.fullmatch(prefix):
        raise InvalidPrefix("a prefix has at most 14 characters A to Z and 0 to 9", where=prefix)
    with connection().cursor() as cursor:
        cursor.execute("SELECT nextval('own_reference')")
        number: int = cursor.fetchone()[0]
    end = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARS))
    return f"{prefix}{number:010d}{end}"


def segments_of(message: OutboundMessage) -> Sequence[Segment]:
    """The segments of a stored message."""
    segments: Sequence[Segment] = message.segments
    return segments
