"""What the mailroom knows of a file, a set, a group of ours, a number or an ESI ID."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from ossrep.kernel.errors import DomainError
from ossrep.market.models import InboundFile, InboundSet, OutboundGroup, OutboundMessage

ROWS_MAX = 200


class NothingFound(DomainError):
    """Nothing in the mailroom has this number."""

    code = "nothing_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing of the mailroom: when, which way, what, and what became of it."""

    at: dt.datetime
    way: str
    what: str
    name: str
    partner: str
    reference: str
    esi_id: str
    state: str
    told: str


def show(*, wanted: str) -> list[Shown]:
    """What ``file:7``, ``set:7``, ``group:7`` or ``message:7`` names, else what has that text.

    A text is searched among references, original references and ESI IDs, both ways, oldest
    first; at most ``ROWS_MAX`` each. Raises ``NothingFound``.
    """
    part, _, number = wanted.partition(":")
    if part in _BY_NUMBER and number.isascii() and number.isdecimal():
        found = list(_BY_NUMBER[part](int(number[:18])))
    else:
        found = list(_by_text(wanted))
    if not found:
        raise NothingFound(f"the mailroom has nothing of {wanted!r}")
    return sorted(found, key=lambda row: row.at)


def _by_text(text: str) -> Iterator[Shown]:
    same = Q(reference=text) | Q(original_reference=text) | Q(esi_id=text)
    inbound = InboundSet.objects.filter(same).select_related("partner", "file")
    yield from _sets(list(inbound.prefetch_related("outcomes").order_by("-pk")[:ROWS_MAX]))
    outbound = OutboundMessage.objects.filter(same).select_related("partner")
    yield from _messages(list(_with_placements(outbound).order_by("-pk")[:ROWS_MAX]))


def _file(number: int) -> Iterator[Shown]:
    files = InboundFile.objects.filter(pk=number).select_related("work__partner")
    for file in files.prefetch_related("interchanges", "arrivals__channel"):
        ways = ", ".join(sorted({arrival.channel.code for arrival in file.arrivals.all()}))
        yield Shown(
            at=file.received_at,
            way="in",
            what=f"file of {file.size_bytes} bytes over {ways}",
            name=f"file:{file.pk} {file.name}",
            partner=file.work.partner.code if file.work.partner else "",
            reference=file.sha256,
            esi_id="",
            state=file.work.state,
            told=file.work.note,
        )
        for each in file.interchanges.all():
            yield Shown(
                at=each.processed_at,
                way="in",
                what="interchange",
                name=f"{each.control_number} of {each.sender}",
                partner="",
                reference=each.control_number,
                esi_id="",
                state=each.verdict,
                told=each.text,
            )
    sets = InboundSet.objects.filter(file_id=number).select_related("partner", "file")
    yield from _sets(list(sets.prefetch_related("outcomes").order_by("pk")[:ROWS_MAX]))


def _set(number: int) -> Iterator[Shown]:
    sets = InboundSet.objects.filter(pk=number).select_related("partner", "file")
    yield from _sets(list(sets.prefetch_related("outcomes")))


def _sets(rows: Sequence[InboundSet]) -> Iterator[Shown]:
    for row in rows:
        for outcome in reversed(row.outcomes.all()):
            yield Shown(
                at=outcome.decided_at,
                way="in",
                what=row.kind or row.code,
                name=f"set:{row.pk} in file:{row.file_id}",
                partner=row.partner.code if row.partner else "",
                reference=row.reference,
                esi_id=row.esi_id,
                state=f"{outcome.state} {outcome.code}".strip(),
                told=outcome.text,
            )


def _message(number: int) -> Iterator[Shown]:
    found = OutboundMessage.objects.filter(pk=number).select_related("partner")
    yield from _messages(list(_with_placements(found)))


def _with_placements(rows: QuerySet[OutboundMessage]) -> QuerySet[OutboundMessage]:
    return rows.prefetch_related("placements__interchange", "placements__group")


def _messages(rows: Sequence[OutboundMessage]) -> Iterator[Shown]:
    for row in rows:
        placements = list(row.placements.all())
        last = placements[-1] if placements else None
        state, told = "queued", ""
        if last is not None:
            state = last.interchange.state
            told = last.interchange.name
            if last.group is not None and last.group.acknowledgment:
                state = f"acknowledged {last.group.acknowledgment}"
        yield Shown(
            at=row.queued_at,
            way="out",
            what=row.kind,
            name=f"message:{row.pk}",
            partner=row.partner.code,
            reference=row.reference,
            esi_id=row.esi_id,
            state=state,
            told=told,
        )


def _group(number: int) -> Iterator[Shown]:
    for group in OutboundGroup.objects.filter(pk=number).select_related("interchange", "partner"):
        yield Shown(
            at=group.interchange.written_at,
            way="out",
            what=f"group {group}",
            name=f"group:{group.pk} in {group.interchange.name}",
            partner=group.partner.code,
            reference=str(group.control_number),
            esi_id="",
            state=group.acknowledgment or group.interchange.state,
            told=f"{group.set_count} sets",
        )
        placed = group.placements.values("message_id")
        messages = OutboundMessage.objects.filter(pk__in=placed).select_related("partner")
        yield from _messages(list(_with_placements(messages).order_by("pk")[:ROWS_MAX]))


_BY_NUMBER = {"file": _file, "set": _set, "message": _message, "group": _group}
