"""The life of an enrollment and of a move-out: states, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ossrep.kernel.errors import DomainError

SWITCH: Final = "switch"
MOVE_IN: Final = "move_in"
KINDS: Final = (SWITCH, MOVE_IN)

SUBMITTED: Final = "submitted"
PERMIT_PENDING: Final = "permit_pending"
ACCEPTED: Final = "accepted"
COMPLETED: Final = "completed"
REJECTED: Final = "rejected"
CANCELLED: Final = "cancelled"

STATES: Final = (SUBMITTED, PERMIT_PENDING, ACCEPTED, COMPLETED, REJECTED, CANCELLED)
OPEN: Final = (SUBMITTED, PERMIT_PENDING, ACCEPTED)

_LATER: Final = (PERMIT_PENDING, ACCEPTED, COMPLETED, REJECTED, CANCELLED)
FOLLOWING: Final[Mapping[str, tuple[str, ...]]] = {
    SUBMITTED: _LATER,
    PERMIT_PENDING: _LATER,
    ACCEPTED: _LATER,
    COMPLETED: (),
    REJECTED: (),
    CANCELLED: (),
}
"""What may follow a state; the market may tell a date twice, so an open state follows itself."""

REQUESTED: Final = "requested"
SCHEDULED: Final = "scheduled"
MOVE_OUT_STATES: Final = (REQUESTED, SCHEDULED, COMPLETED, REJECTED)
MOVE_OUT_FOLLOWING: Final[Mapping[str, tuple[str, ...]]] = {
    REQUESTED: (SCHEDULED, COMPLETED, REJECTED),
    SCHEDULED: (SCHEDULED, COMPLETED, REJECTED),
    COMPLETED: (),
    REJECTED: (),
}

CHANNELS: Final = ("", "web", "phone", "paper", "in_person")
"""How the customer gave consent (16 TAC §25.474)."""


class ForbiddenStep(DomainError):
    """What the market tells cannot follow what is known; a person has to look."""

    code = "enrollment_step_forbidden"


def check_step(
    *, before: str, after: str, where: str, following: Mapping[str, tuple[str, ...]] = FOLLOWING
) -> None:
    """Refuses a step that the table does not allow. Raises ForbiddenStep."""
    if after not in following[before]:
        raise ForbiddenStep(f"{before} cannot become {after}", where=where)
