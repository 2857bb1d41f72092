"""Groups that were refused because an id was not registered, taken once it is."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ossrep.market.models import InboundGroup, InboundOutcome
from ossrep.market.usecases.interchange.judging import NOT_FOR_US, RESUMED, UNREGISTERED, Judgment
from ossrep.market.usecases.interchange.taken import FileInHand
from ossrep.market.usecases.work_items import resolve_by_key

BETWEEN_OTHERS = (UNREGISTERED, NOT_FOR_US)


def has_refused_groups(*, file_id: int) -> bool:
    """Whether a file has sets that were refused with their group, and not taken since."""
    return any(
        not _is_taken(group) for group in _refused(InboundGroup.objects.filter(file_id=file_id))
    )


def may_resume(
    *, file: FileInHand, judgment: Judgment, group: InboundGroup, is_known: bool
) -> bool:
    """Whether a group that begins is to be looked into: the first time, or refused till now.

    ``is_known``: its ids are registered. The question to a person about it is taken back then.
    """
    if judgment.verdict != RESUMED:
        return True
    before = _refused(_same(group))
    if _is_taken(group) or not before:
        return False
    if not is_known:
        file.taken.notes.append(f"group {group} is still not between registered ids")
        return False
    for each in before:
        for code in BETWEEN_OTHERS:
            resolve_by_key(
                kind=f"group_{code}",
                key=f"file {file.work.pk} group {each.pk}",
                resolution="its ids were registered and it was taken",
                now=file.now,
            )
    return True


def _same(group: InboundGroup) -> QuerySet[InboundGroup]:
    """The rows of one group of an interchange: one for each time it was looked into."""
    return InboundGroup.objects.filter(
        interchange_id=group.interchange_id,
        functional_id=group.functional_id,
        sender=group.sender,
        receiver=group.receiver,
        control_number=group.control_number,
    )


def _refused(groups: QuerySet[InboundGroup]) -> list[InboundGroup]:
    refused = InboundOutcome.objects.filter(code__in=BETWEEN_OTHERS, state="rejected")
    return list(groups.filter(pk__in=refused.values("inbound_set__group")).order_by("pk"))


def _is_taken(group: InboundGroup) -> bool:
    """Whether one of its rows has sets that were not refused with the group."""
    others = InboundOutcome.objects.filter(
        ~Q(code__in=BETWEEN_OTHERS), number=1, inbound_set__group__in=_same(group)
    )
    return others.exists()
