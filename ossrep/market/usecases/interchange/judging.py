"""Whether an interchange may be looked into: from whom, to whom, as what, and is it new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from ossrep.market.db import connection
from ossrep.market.edi.x12.acknowledging import interchange_is_refused
from ossrep.market.edi.x12.model import Interchange
from ossrep.market.models import HAND, Channel, MarketIdentity, TradingPartner
from ossrep.market.usecases.interchange.items import clean, told

UNREGISTERED = "unregistered"
NOT_FOR_US = "not_for_us"
TEST_IN_PRODUCTION = "test_in_production"
ENVELOPE = "envelope"
NUMBER_REUSED = "control_number_reused"
DUPLICATE = "duplicate"
RESUMED = "resumed"

_INSERT = """
    INSERT INTO inbound_interchange (file_id, place, sender, receiver, control_number,
        content_sha256, is_test, separators, verdict, code, text, processed_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (sender, receiver, control_number) WHERE verdict = 'taken' DO NOTHING
    RETURNING id
"""
_EARLIER = """
    SELECT id, file_id, place, content_sha256, processed_at FROM inbound_interchange
    WHERE sender = %s AND receiver = %s AND control_number = %s AND verdict = 'taken'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What is to be done with an interchange, and with whom it was exchanged.

    ``partners`` by their GS id, ``identities`` of ours by theirs. A ``taken`` one is looked into,
    a ``duplicate`` of file ``earlier_file_id`` is answered again, a ``refused`` one is kept. Of a
    ``resumed`` one only what was refused before is looked into.
    """

    row_id: int
    verdict: str
    code: str = ""
    text: str = ""
    earlier_file_id: int | None = None
    partners: Mapping[str, TradingPartner]
    identities: Mapping[str, MarketIdentity]


def judge(
    *,
    interchange: Interchange,
    place: int,
    file_id: int,
    channel: Channel,
    content_sha256: str,
    now: dt.datetime,
) -> Judgment:
    """Judges and records an interchange, in the caller's transaction.

    One that was taken from this very place before is ``resumed``: groups that were refused then
    may be taken now. Two receivers that judge the same (sender, receiver, control number) follow
    each other: the second waits and then sees the first one's.
    """
    partners = _partners_of(interchange, channel)
    identities = _identities_of(interchange)
    row = _Row(interchange, place, file_id, content_sha256, now)
    code, text = _refusal(interchange, partners, identities, channel)
    verdict, earlier = ("refused" if code else "taken"), None
    row_id = row.insert(verdict, code, text)
    if row_id is None:
        before = row.find_earlier()
        earlier, since = before.file_id, before.since
        if before.content_sha256 == content_sha256 and before.place == (file_id, place):
            return Judgment(
                row_id=before.row_id,
                verdict=RESUMED,
                partners=partners,
                identities=identities,
            )
        if before.content_sha256 == content_sha256:
            verdict, code = "duplicate", DUPLICATE
            text = f"the same interchange came on {since:%Y-%m-%d %H:%M} UTC (file {earlier})"
        else:
            verdict, code = "refused", NUMBER_REUSED
            text = (
                f"control number {row.keys[2]} was used on {since:%Y-%m-%d %H:%M} UTC (file "
                f"{earlier}) for another content: ask the sender which one counts"
            )
        row_id = row.insert(verdict, code, text)
        assert row_id is not None
    return Judgment(
        row_id=row_id,
        verdict=verdict,
        code=code,
        text=text,
        earlier_file_id=earlier,
        partners=partners,
        identities=identities,
    )


class _Row:
    """The interchange's row before its verdict is known."""

    def __init__(
        self, interchange: Interchange, place: int, file_id: int, digest: str, now: dt.datetime
    ) -> None:
        self._interchange = interchange
        self._place = place
        self._file_id = file_id
        self._digest = digest
        self._now = now
        self.keys = (
            clean(interchange.sender, 15),
            clean(interchange.receiver, 15),
            clean(interchange.control_number, 14),
        )

    def insert(self, verdict: str, code: str, text: str) -> int | None:
        """The row's id; None where another ``taken`` one has its keys."""
        cut = self._interchange.separators
        marks = cut.element + cut.component + cut.terminator + cut.line_end[:2]
        values: list[str | int | bool | dt.datetime] = [
            self._file_id,
            self._place,
            *self.keys,
            self._digest,
        ]
        values += [self._interchange.is_test, clean(marks, 5), verdict, code, text, self._now]
        with connection().cursor() as cursor:
            cursor.execute(_INSERT, values)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def find_earlier(self) -> _Earlier:
        """The one that has the keys."""
        with connection().cursor() as cursor:
            cursor.execute(_EARLIER, list(self.keys))
            row_id, file_id, place, digest, since = cursor.fetchone()
        return _Earlier(row_id, (file_id, place), digest, since)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """An interchange that was taken; ``place`` is its file with its place in it."""

    row_id: int
    place: tuple[int, int]
    content_sha256: str
    since: dt.datetime

    @property
    def file_id(self) -> int:
        return self.place[0]


def _partners_of(interchange: Interchange, channel: Channel) -> Mapping[str, TradingPartner]:
    found = TradingPartner.objects.filter(isa_id=interchange.sender, is_active=True)
    if channel.code != HAND:
        found = found.filter(channel=channel)
    return {partner.gs_id: partner for partner in found if partner.isa_id and partner.gs_id}


def _identities_of(interchange: Interchange) -> Mapping[str, MarketIdentity]:
    found = MarketIdentity.objects.filter(isa_id=interchange.receiver)
    return {identity.gs_id: identity for identity in found}


def _refusal(
    interchange: Interchange,
    partners: Mapping[str, TradingPartner],
    identities: Mapping[str, MarketIdentity],
    channel: Channel,
) -> tuple[str, str]:
    if not partners:
        text = (
            f"no partner with ISA id {interchange.sender!r} is registered for channel "
            f"{channel.code}; if it is one, register it and let the file be processed again"
        )
        return UNREGISTERED, clean(text, 500)
    if not identities:
        text = f"ISA id {interchange.receiver!r} of the receiver is none of ours"
        return NOT_FOR_US, clean(text, 500)
    if interchange.is_test and settings.OSSREP_MARKET_ENVIRONMENT == "production":
        return TEST_IN_PRODUCTION, "marked as test (ISA15 is not P): nothing of it was applied"
    if interchange_is_refused(interchange):
        return ENVELOPE, told(interchange.faults)
    return "", ""


def partner_of(
    *, judgment: Judgment, sender: str, receiver: str
) -> tuple[TradingPartner | None, MarketIdentity | None]:
    """Who the GS ids of a group are; None for what is not registered."""
    return judgment.partners.get(sender), judgment.identities.get(receiver)


def any_correspondent(judgment: Judgment) -> tuple[TradingPartner, MarketIdentity] | None:
    """Someone of each side for an answer to the interchange itself (TA1)."""
    partners: Sequence[TradingPartner] = list(judgment.partners.values())
    identities: Sequence[MarketIdentity] = list(judgment.identities.values())
    return (partners[0], identities[0]) if partners and identities else None
