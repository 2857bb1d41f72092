"""Many of one thing in one call, each with its own outcome: good ones go on beside bad ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rest_framework.serializers import BooleanField, CharField, IntegerField

from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel.errors import DomainError

BULK_MAX = 1_000


class OutcomeShape(StrictSerializer):
    """What became of one item; ``code`` and ``detail`` say why it was refused."""

    index = IntegerField()
    done = BooleanField()
    code = CharField(required=False)
    detail = CharField(required=False)


class OutcomesShape(StrictSerializer):
    """One for each item, in their order."""

    done = IntegerField()
    refused = IntegerField()
    outcomes = OutcomeShape(many=True)


def in_bulk(items: Sequence[Any], work: Callable[[Sequence[Any]], Any]) -> dict[str, Any]:
    """Does all items together, and where that is refused, halves until the bad ones are alone.

    ``work`` takes some of the items in one transaction: all or none. So a call with no bad item
    costs what one item costs, and each bad one costs a few tries more.
    """
    refusals: dict[int, DomainError] = {}
    _halve(list(enumerate(items)), work, refusals)
    outcomes: list[dict[str, Any]] = []
    for index in range(len(items)):
        refusal = refusals.get(index)
        outcome: dict[str, Any] = {"index": index, "done": refusal is None}
        if refusal is not None:
            outcome |= {"code": refusal.code, "detail": str(refusal)}
        outcomes.append(outcome)
    return {"done": len(items) - len(refusals), "refused": len(refusals), "outcomes": outcomes}


def _halve(
    items: Sequence[tuple[int, Any]],
    work: Callable[[Sequence[Any]], Any],
    refusals: dict[int, DomainError],
) -> None:
    if not items:
        return
    try:
        work([item for _, item in items])
    except DomainError as error:
        if len(items) == 1:
            refusals[items[0][0]] = error
            return
        middle = len(items) // 2
        _halve(items[:middle], work, refusals)
        _halve(items[middle:], work, refusals)
