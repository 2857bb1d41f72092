"""Hands written interchanges to the partner's transport, at least once, always the same bytes."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.files.transports.model import (
    ChannelConfig,
    PartnerKeys,
    Transport,
    TransportError,
)
from ossrep.market.files.transports.opening import open_transport
from ossrep.market.models import Channel, Delivery, OutboundInterchange, TradingPartner
from ossrep.market.usecases.interchange.outbound import find_partner
from ossrep.market.usecases.interchange.packing import list_waiting_partners, pack_messages
from ossrep.market.usecases.work_items import open_work_item

INTERCHANGES_PER_STEP_MAX = 1_000
ATTEMPTS_BEFORE_WORK_ITEM = 3
PAUSE_FIRST = dt.timedelta(minutes=1)
PAUSE_MAX = dt.timedelta(hours=1)

OpenTransport = Callable[[ChannelConfig], Transport]


@dataclass(slots=True, kw_only=True)
class Sent:
    """What became of one partner's mail; ``problem`` says why something is left."""

    partner: str
    written: int = 0
    handed_over: int = 0
    names: list[str] = field(default_factory=list)
    problem: str = ""


def config_of(*, channel: Channel, partner: TradingPartner | None = None) -> ChannelConfig:
    """A channel as its transport wants it, with the keys of the partner at its other end."""
    keys = PartnerKeys()
    if partner is not None:
        keys = PartnerKeys(
            partner=partner.code,
            duns=partner.duns,
            pgp_fingerprint=partner.pgp_fingerprint,
            pgp_public_key=partner.pgp_public_key,
        )
    return ChannelConfig(
        code=channel.code, transport=channel.transport, settings=channel.settings, keys=keys
    )


def _open(config: ChannelConfig) -> Transport:
    return open_transport(config=config)


def send(
    *,
    now: dt.datetime,
    partner: str | None = None,
    opening: OpenTransport = _open,
) -> Iterator[Sent]:
    """Writes what is queued and hands over what is due, partner by partner.

    ``partner``: only for the partner of that code. One partner's trouble holds up no other.
    Raises ``UnknownPartner``.
    """
    wanted = None if partner is None else find_partner(code=partner)
    for each in _partners_with_mail(wanted, now):
        outcome = Sent(partner=each.code)
        try:
            while written := pack_messages(partner=each, now=now):
                outcome.written += len(written)
            _hand_over_all(each, outcome, now, opening)
        except DomainError as error:
            outcome.problem = str(error)
        yield outcome


def _partners_with_mail(wanted: TradingPartner | None, now: dt.datetime) -> list[TradingPartner]:
    found = {partner.pk: partner for partner in list_waiting_partners()}
    written = OutboundInterchange.objects.filter(state="written").values("partner_id")
    due = TradingPartner.objects.select_related("channel").filter(pk__in=written)
    found |= {partner.pk: partner for partner in due}
    if wanted is not None:
        found = {key: partner for key, partner in found.items() if key == wanted.pk}
    return sorted(found.values(), key=lambda partner: partner.code)


def _hand_over_all(
    partner: TradingPartner, outcome: Sent, now: dt.datetime, opening: OpenTransport
) -> None:
    with _only_sender(partner) as is_mine:
        if not is_mine:
            outcome.problem = "another sender is at work for this partner"
            return
        due = OutboundInterchange.objects.filter(partner=partner, state="written").order_by("pk")
        interchanges = list(due[:INTERCHANGES_PER_STEP_MAX])
        if not interchanges:
            return
        assert partner.channel is not None
        with contextlib.closing(opening(config_of(channel=partner.channel, partner=partner))) as to:
            for interchange in interchanges:
                if interchange.next_attempt_at and interchange.next_attempt_at > now:
                    outcome.problem = f"tries again at {interchange.next_attempt_at:%H:%M:%S} UTC"
                    return
                if not _hand_over(interchange, to, outcome, now):
                    return


@contextlib.contextmanager
def _only_sender(partner: TradingPartner) -> Iterator[bool]:
    """Whether this process is the partner's only sender: interchanges leave in their order."""
    with connection().cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('market.send'), %s)", [partner.pk])
        is_mine: bool = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection().cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(hashtext('market.send'), %s)", [partner.pk]
                )


def _hand_over(
    interchange: OutboundInterchange, to: Transport, outcome: Sent, now: dt.datetime
) -> bool:
    """Puts, then notes it. A crash in between repeats the same file under the same name."""
    try:
        receipt = to.put(name=interchange.name, data=bytes(interchange.content))
    except TransportError as error:
        _note_failure(interchange, error, now)
        outcome.problem = str(error)
        return False
    with transaction():
        Delivery.objects.create(
            interchange=interchange,
            attempted_at=now,
            is_taken=True,
            receipt=f"{receipt.reference} {receipt.text}".strip(),
        )
        interchange.state, interchange.sent_at = "sent", now
        interchange.attempts += 1
        interchange.next_attempt_at = None
        interchange.save(update_fields=["state", "sent_at", "attempts", "next_attempt_at"])
    outcome.handed_over += 1
    outcome.names.append(interchange.name)
    return True


def _note_failure(
    interchange: OutboundInterchange, error: TransportError, now: dt.datetime
) -> None:
    with transaction():
        Delivery.objects.create(
            interchange=interchange, attempted_at=now, is_taken=False, error=str(error)
        )
        interchange.attempts += 1
        pause = PAUSE_FIRST * 2 ** min(interchange.attempts - 1, 10)
        interchange.next_attempt_at = now + min(pause, PAUSE_MAX)
        interchange.save(update_fields=["attempts", "next_attempt_at"])
        if error.is_permanent or interchange.attempts >= ATTEMPTS_BEFORE_WORK_ITEM:
            open_work_item(
                kind="not_handed_over",
                key=str(interchange.pk),
                title=f"{interchange.name} cannot be handed over",
                text=f"After {interchange.attempts} attempts: {error}. It is tried again with "
                "every run of: manage.py market send",
                reference=str(interchange.control_number),
                now=now,
            )
