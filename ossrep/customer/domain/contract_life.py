"""The life of a contract: its statuses and which may follow which."""

from __future__ import annotations

from typing import Final

from ossrep.kernel.errors import DomainError

PENDING: Final = "pending"
ACTIVE: Final = "active"
ENDED: Final = "ended"
CANCELLED: Final = "cancelled"

STATUSES: Final = (PENDING, ACTIVE, ENDED, CANCELLED)

TRANSITIONS: Final[tuple[tuple[str, str], ...]] = (
    (PENDING, ACTIVE),
    (PENDING, CANCELLED),
    (ACTIVE, ENDED),
)
"""Every allowed change; the database holds the same table in a trigger.

``ended`` says that the end is known, be it past or to come; the dates say whether service runs.
"""

SERVING: Final = (ACTIVE, ENDED)
"""Statuses under which there is, was or will be service between the dates."""

END_REASONS: Final = ("move_out", "switch", "renewal", "plan_change", "nonpayment", "other")


class ForbiddenTransition(DomainError):
    """A contract cannot go from its status to the wanted one."""

    code = "contract_transition_forbidden"


def check_transition(*, before: str, after: str, where: str) -> None:
    """Refuses a change of status that the table does not allow.

    Raises ForbiddenTransition; ``where`` names the contract.
    """
    if (before, after) not in TRANSITIONS:
        allowed = [to for origin, to in TRANSITIONS if origin == before]
        follow = " or ".join(allowed) if allowed else "nothing"
        raise ForbiddenTransition(
            f"a contract that is {before} cannot become {after}; {follow} may follow", where=where
        )
