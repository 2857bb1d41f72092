"""Groups of ours that nobody acknowledged, or that were refused: found, and sent again."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import (
    Acknowledgment,
    OutboundGroup,
    OutboundInterchange,
    Placement,
)
from ossrep.market.usecases.interchange.acknowledged import (
    NOT_ACKNOWLEDGED,
    REFUSED_BY_PARTNER,
    refused_key,
    silence_key,
)
from ossrep.market.usecases.interchange.packing import pack_again
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key

ACKNOWLEDGED_WITHIN = dt.timedelta(hours=24)
"""The receiver of a group answers with its 997 within 24 hours (TX SET 997, timer T1)."""
GROUPS_PER_RUN_MAX = 10_000


class UnknownGroup(DomainError):
    """No group of ours has this number."""

    code = "unknown_group"


class AlreadyResent(DomainError):
    """A refused group whose messages went out again since."""

    code = "already_resent"


class AlreadyAccepted(DomainError):
    """A group that its partner has accepted is not sent again."""

    code = "already_accepted"


def ask_about_silence(*, now: dt.datetime) -> int:
    """Opens a work item for each group sent 24 hours ago that has no 997; how many are new.

    A group of acknowledgments is not acknowledged itself.
    """
    opened = 0
    for group in _silent(now)[:GROUPS_PER_RUN_MAX]:
        with transaction():
            locked = OutboundGroup.objects.select_for_update().get(pk=group.pk)
            if locked.acknowledgment or locked.escalated_at:
                continue
            locked.escalated_at = now
            locked.save(update_fields=["escalated_at"])
            _ask(group, now)
        opened += 1
    return opened


def _silent(now: dt.datetime) -> QuerySet[OutboundGroup]:
    waiting = OutboundGroup.objects.filter(
        Q(acknowledgment="", escalated_at=None), ~Q(functional_id="FA")
    )
    return (
        waiting.filter(
            interchange__state="sent", interchange__sent_at__lte=now - ACKNOWLEDGED_WITHIN
        )
        .select_related("interchange", "partner")
        .order_by("pk")
    )


def _ask(group: OutboundGroup, now: dt.datetime) -> None:
    interchange = group.interchange
    code = group.partner.code
    open_work_item(
        kind=NOT_ACKNOWLEDGED,
        key=silence_key(group),
        title=f"{code} has not acknowledged group {group} in 24 hours",
        text=f"{interchange.name} with {group.set_count} sets went to {code} on "
        f"{interchange.sent_at:%Y-%m-%d %H:%M} UTC and has no 997. Send the same bytes again: "
        f"manage.py market send --resend {group.pk}",
        text_to_send=f"We have sent group {group.control_number} ({group.functional_id}) in "
        f"interchange {interchange.control_number:09d} on {interchange.sent_at:%Y-%m-%d %H:%M} UTC "
        "and have received no 997. Please confirm that you have it.",
        send_via="e-mail",
        tdsp_code=code,
        reference=str(group.control_number),
        now=now,
    )


def resend_group(*, group_id: int, now: dt.datetime) -> list[OutboundInterchange]:
    """Lets a group go out again with the next ``market send``; gives what will be handed over.

    Without an answer: the same bytes under the same numbers, which the partner can tell from a
    new interchange. Answered R or E: its messages in new interchanges with new numbers, for the
    old ones are settled. Raises ``UnknownGroup``, ``AlreadyAccepted``,
    ``AlreadyResent``.
    """
    with transaction():
        group = (
            OutboundGroup.objects.select_for_update(of=("self",))
            .select_related("interchange", "partner__channel")
            .filter(pk=group_id)
            .first()
        )
        if group is None:
            raise UnknownGroup(f"we have sent no group with number {group_id}")
        if group.acknowledgment == "A" and not _is_contradicted(group):
            raise AlreadyAccepted("was accepted", where=f"group {group}")
        if group.acknowledgment:
            kind, key = REFUSED_BY_PARTNER, refused_key(group)
            again = _in_new_envelopes(group, now)
        else:
            kind, key = NOT_ACKNOWLEDGED, silence_key(group)
            again = [_same_again(group)]
        names = ", ".join(interchange.name for interchange in again)
        resolve_by_key(kind=kind, key=key, resolution=f"is sent again: {names}", now=now)
    return again


def _is_contradicted(group: OutboundGroup) -> bool:
    """Whether the last 997 of an accepted group refuses it after all."""
    last = Acknowledgment.objects.filter(group=group).order_by("-pk").first()
    return last is not None and last.code != "A"


def _in_new_envelopes(group: OutboundGroup, now: dt.datetime) -> list[OutboundInterchange]:
    placed = list(group.placements.select_related("message").order_by("pk"))
    messages = [placement.message for placement in placed]
    later = Placement.objects.filter(message__in=messages, pk__gt=placed[-1].pk)
    if later.exists():
        raise AlreadyResent("went out again already", where=f"group {group}")
    return pack_again(messages=messages, partner=group.partner, now=now)


def _same_again(group: OutboundGroup) -> OutboundInterchange:
    interchange = OutboundInterchange.objects.select_for_update().get(pk=group.interchange_id)
    interchange.state, interchange.next_attempt_at = "written", None
    interchange.save(update_fields=["state", "next_attempt_at"])
    # The 24 hours run anew from the next handing over.
    group.escalated_at = None
    group.save(update_fields=["escalated_at"])
    return interchange
