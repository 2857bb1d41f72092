"""What is not there, and what is another's: one answer."""

from __future__ import annotations

from ossrep.kernel.errors import DomainError


class NotThere(DomainError):
    """No such record, or not of the caller's scope."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("Not found.")
