"""What the market knows of a file, a set, a group of ours, a number or an ESI ID."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import Q, QuerySet

from ossrep.kernel.errors import DomainError
from ossrep.market.models import (
    InboundFile,
    InboundSet,
    OutboundGroup,
    OutboundMessage,
    TdspPaymentLine,
)
from ossrep.market.queries.interchange.business import orders_of, payment_lines_of, periods_of
from ossrep.market.queries.interchange.places import place_of_received, place_of_sent
from ossrep.market.queries.interchange.shown import Shown

ROWS_MAX = 200


class NothingFound(DomainError):
    """Nothing in the mailroom has this number."""

    code = "nothing_found"


def show(*, wanted: str) -> list[Shown]:
    """What ``file:7``, ``set:7``, ``group:7`` or ``message:7`` names, else what has that text.

    A text is searched among references, original references and ESI IDs, both ways, with the
    orders, periods and payments behind them, oldest first; at most ``ROWS_MAX`` of a kind. Raises
    ``NothingFound``.
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
    yield from orders_of(text=text)
    inbound = InboundSet.objects.filter(same)
    yield from _sets(list(_with_outcomes(inbound).order_by("-pk")[:ROWS_MAX]))
    lines = payment_lines_of(text=text)
    paid = {each.payment.outbound_message_id for each in lines} - {None}
    outbound = OutboundMessage.objects.filter(same | Q(pk__in=paid)).select_related("partner")
    yield from _messages(list(_with_placements(outbound).order_by("-pk")[:ROWS_MAX]), lines)
    yield from _unsent(lines)
    yield from periods_of(text=text)


def _unsent(lines: Sequence[TdspPaymentLine]) -> Iterator[Shown]:
    for line in lines:
        if line.payment.outbound_message_id is None:
            yield Shown(
                at=line.payment.prepared_at,
                what="payment",
                name=f"payment:{line.payment_id}",
                partner=line.payment.tdsp_code,
                reference=line.payment.reference,
                esi_id=line.invoice.esi_id,
                state=line.payment.get_state_display(),
                told=_pays([line]),
            )


def _pays(lines: Sequence[TdspPaymentLine]) -> str:
    if not lines:
        return ""
    payment = lines[0].payment
    parts = [f"{each.amount_usd} for invoice {each.invoice.reference}" for each in lines]
    return f"{payment.total_usd} USD on {payment.payment_date}, of it {', '.join(parts)}"


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
            file=_place(file),
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
    sets = InboundSet.objects.filter(file_id=number)
    yield from _sets(list(_with_outcomes(sets).order_by("pk")[:ROWS_MAX]))


def _set(number: int) -> Iterator[Shown]:
    yield from _sets(list(_with_outcomes(InboundSet.objects.filter(pk=number))))


def _with_outcomes(rows: QuerySet[InboundSet]) -> QuerySet[InboundSet]:
    return rows.select_related("partner", "file").prefetch_related(
        "outcomes", "file__arrivals__channel"
    )


def _place(file: InboundFile) -> str:
    first = min(file.arrivals.all(), key=lambda arrival: arrival.pk, default=None)
    if first is None:
        return file.name
    return place_of_received(channel=first.channel, name=first.name)


def _sets(rows: Sequence[InboundSet]) -> Iterator[Shown]:
    for row in sorted(rows, key=lambda each: each.pk):
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
                file=_place(row.file),
            )


def _message(number: int) -> Iterator[Shown]:
    found = OutboundMessage.objects.filter(pk=number).select_related("partner")
    yield from _messages(list(_with_placements(found)))


def _with_placements(rows: QuerySet[OutboundMessage]) -> QuerySet[OutboundMessage]:
    return rows.prefetch_related("placements__interchange__partner__channel", "placements__group")


def _messages(
    rows: Sequence[OutboundMessage], lines: Sequence[TdspPaymentLine] = ()
) -> Iterator[Shown]:
    paid: dict[int | None, list[TdspPaymentLine]] = defaultdict(list)
    for line in sorted(lines, key=lambda each: each.pk):
        paid[line.payment.outbound_message_id].append(line)
    for row in rows:
        placements = list(row.placements.all())
        last = placements[-1] if placements else None
        state, file = "queued", ""
        if last is not None:
            state = last.interchange.state
            channel = last.interchange.partner.channel
            file = place_of_sent(channel=channel, name=last.interchange.name)
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
            told=_pays(paid[row.pk]),
            file=file,
        )


def _group(number: int) -> Iterator[Shown]:
    for group in OutboundGroup.objects.filter(pk=number).select_related(
        "interchange", "partner__channel"
    ):
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
            file=place_of_sent(channel=group.partner.channel, name=group.interchange.name),
        )
        placed = group.placements.values("message_id")
        messages = OutboundMessage.objects.filter(pk__in=placed).select_related("partner")
        yield from _messages(list(_with_placements(messages).order_by("pk")[:ROWS_MAX]))


_BY_NUMBER = {"file": _file, "set": _set, "message": _message, "group": _group}
