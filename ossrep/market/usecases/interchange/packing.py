"""From queued messages to interchanges: numbered, written and stored in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.db import connection, transaction
from ossrep.market.edi.x12.model import Group
from ossrep.market.edi.x12.writing import (
    build_group,
    build_interchange,
    build_set,
    write_interchange,
)
from ossrep.market.models import (
    MarketIdentity,
    OutboundGroup,
    OutboundInterchange,
    OutboundMessage,
    Placement,
    QueuedMessage,
    TradingPartner,
)
from ossrep.market.usecases.interchange.control_numbers import Series, take_control_numbers
from ossrep.market.usecases.interchange.outbound import segments_of

MESSAGES_PER_STEP_MAX = 2_000
SETS_PER_INTERCHANGE_MAX = 500
TA1 = "TA1"


class CannotSend(DomainError):
    """Messages wait for a partner to whom nothing can be sent yet."""

    code = "cannot_send"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, when, and whether as a test."""

    identity: MarketIdentity
    partner: TradingPartner
    now: dt.datetime
    is_test: bool


def list_waiting_partners() -> list[TradingPartner]:
    """Partners for whom messages wait, by code."""
    waiting = QueuedMessage.objects.values("partner_id")
    return list(
        TradingPartner.objects.select_related("channel").filter(pk__in=waiting).order_by("code")
    )


def pack_messages(*, partner: TradingPartner, now: dt.datetime) -> list[OutboundInterchange]:
    """Puts a partner's queued messages into interchanges, one for each of our ids and GS01.

    At most ``MESSAGES_PER_STEP_MAX``; call it until it gives nothing. Messages keep their order.
    ``CannotSend`` where the partner or we lack an id; the messages stay queued.
    """
    with transaction():
        with connection().cursor() as cursor:
            # One at a time for a partner, or messages of one ESI ID could overtake each other.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('market.pack'), %s)", [partner.pk]
            )
        waiting = QueuedMessage.objects.filter(partner=partner).order_by("message_id")
        messages = [
            row.message for row in waiting.select_related("message")[:MESSAGES_PER_STEP_MAX]
        ]
        if not messages:
            return []
        if partner.lacks:
            raise CannotSend(f"lacks {', '.join(partner.lacks)}", where=f"partner {partner.code}")
        written = [
            _write(_envelope(identity, partner, now), functional_id, part)
            for identity, functional_id, part in _parts(messages)
        ]
        QueuedMessage.objects.filter(message__in=messages).delete()
    return written


def pack_again(
    *, messages: Sequence[OutboundMessage], partner: TradingPartner, now: dt.datetime
) -> list[OutboundInterchange]:
    """New interchanges, with new numbers, for messages that were placed before."""
    return [
        _write(_envelope(identity, partner, now), functional_id, part)
        for identity, functional_id, part in _parts(messages)
    ]


def _envelope(identity: MarketIdentity, partner: TradingPartner, now: dt.datetime) -> Envelope:
    is_test = partner.test_only or settings.OSSREP_MARKET_ENVIRONMENT == "test"
    return Envelope(identity, partner, now, is_test)


def _parts(
    messages: Sequence[OutboundMessage],
) -> Iterator[tuple[MarketIdentity, str, list[OutboundMessage]]]:
    identities = _Identities()
    parts: dict[tuple[int, str], list[OutboundMessage]] = {}
    for message in messages:
        identity = identities.of(message)
        parts.setdefault((identity.pk, message.functional_id), []).append(message)
    for (identity_id, functional_id), part in parts.items():
        for start in range(0, len(part), SETS_PER_INTERCHANGE_MAX):
            chunk = part[start : start + SETS_PER_INTERCHANGE_MAX]
            yield identities.by_id[identity_id], functional_id, chunk


class _Identities:
    """Who of us sends a message: as it says, by our DUNS in it, else the default one."""

    def __init__(self) -> None:
        self.by_id = {identity.pk: identity for identity in MarketIdentity.objects.all()}
        self._by_duns = {identity.duns: identity for identity in self.by_id.values()}
        defaults = [i for i in self.by_id.values() if i.is_default or len(self.by_id) == 1]
        self._default = defaults[0] if defaults else None

    def of(self, message: OutboundMessage) -> MarketIdentity:
        """``CannotSend`` where none of us can be told."""
        if message.identity_id is not None:
            return self.by_id[message.identity_id]
        identity = self._by_duns.get(message.our_duns)
        if identity is None and not message.our_duns:
            identity = self._default
        if identity is None:
            told = f"DUNS {message.our_duns}" if message.our_duns else "no default"
            raise CannotSend(
                f"{message} cannot be sent: {told} among our market identities; "
                "register it with manage.py market partners import"
            )
        return identity


def _write(
    envelope: Envelope, functional_id: str, messages: Sequence[OutboundMessage]
) -> OutboundInterchange:
    ours, theirs = envelope.identity, envelope.partner
    number = _next("interchange", envelope)
    groups = _groups(envelope, functional_id, messages) if functional_id else []
    content = write_interchange(
        build_interchange(
            sender_qualifier=ours.isa_qualifier,
            sender=ours.isa_id,
            receiver_qualifier=theirs.isa_qualifier,
            receiver=theirs.isa_id,
            now=envelope.now.astimezone(MARKET_ZONE),
            control_number=number,
            is_test=envelope.is_test,
            groups=groups,
            acknowledgments=[] if functional_id else [segments_of(m)[0] for m in messages],
            wants_acknowledgment=theirs.wants_ta1 and bool(groups),
            separators=theirs.separators,
        )
    )
    row = OutboundInterchange.objects.create(
        partner=theirs,
        identity=ours,
        sender=ours.isa_id,
        receiver=theirs.isa_id,
        control_number=number,
        is_test=envelope.is_test,
        name=f"{ours.isa_id}_{theirs.isa_id}_{number:09d}_{functional_id or TA1}.edi",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        written_at=envelope.now,
    )
    _place(row, groups, messages)
    return row


def _next(series: Series, envelope: Envelope) -> int:
    return take_control_numbers(
        series=series, sender=envelope.identity.isa_id, receiver=envelope.partner.isa_id
    )[0]


def _groups(
    envelope: Envelope, functional_id: str, messages: Sequence[OutboundMessage]
) -> list[Group]:
    sets = (
        build_set(segments=segments_of(message), control_number=f"{place:04d}")
        for place, message in enumerate(messages, start=1)
    )
    group = build_group(
        functional_id=functional_id,
        sender=envelope.identity.gs_id,
        receiver=envelope.partner.gs_id,
        now=envelope.now.astimezone(MARKET_ZONE),
        control_number=_next("group", envelope),
        sets=sets,
    )
    return [group]


def _place(
    interchange: OutboundInterchange, groups: Sequence[Group], messages: Sequence[OutboundMessage]
) -> None:
    if not groups:
        Placement.objects.bulk_create(
            Placement(message=message, interchange=interchange) for message in messages
        )
    for group in groups:
        stored = OutboundGroup.objects.create(
            interchange=interchange,
            partner_id=interchange.partner_id,
            functional_id=group.functional_id,
            control_number=int(group.control_number),
            set_count=len(group.sets),
        )
        Placement.objects.bulk_create(
            Placement(
                message=message,
                interchange=interchange,
                group=stored,
                set_control_number=written.control_number,
            )
            for message, written in zip(messages, group.sets, strict=True)
        )
