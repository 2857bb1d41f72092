"""Errors an operator or caller can act on."""

from __future__ import annotations


class DomainError(Exception):
    """Anticipated refusal: a stable code, a message that says what, where and what to do.

    Subclasses live beside what raises them and set ``code``. ``where`` is a place a person can
    open: a field path (``components[2].tiers[0]``), a file and line, an account number.
    """

    code = "domain_error"

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message
