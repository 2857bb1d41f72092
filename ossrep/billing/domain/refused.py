"""A row of a file that cannot be taken, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ossrep.kernel.errors import DomainError


class RowRefused(DomainError):
    """What is wrong with one row; ``code`` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused row with its place and content as it came."""

    line: int
    content: Mapping[str, Any]
    code: str
    message: str
