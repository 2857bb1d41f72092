"""What may go wrong between two processes, and a refusal of the other side as one of ours."""

from __future__ import annotations

from collections.abc import Iterator

from ossrep.kernel.errors import DomainError


class ServiceUnavailable(ConnectionError):
    """The other process gives no answer now. It heals, so it is no refusal of what was asked.

    Not a DomainError: whoever turns those into held bills or rows in quarantine must not see it.
    """

    code = "service_unavailable"


class ServiceFailed(RuntimeError):
    """The other process has a defect: it answered 500. Trying again does not help."""


class CallRefused(DomainError):
    """The other process does not take the call: token, role, or another version of the method."""

    code = "service_call_refused"


class RemoteDomainError(DomainError):
    """A refusal of the other side whose class is not known here; ``code`` is the one it had."""

    def __init__(self, message: str, *, where: str | None = None, code: str) -> None:
        super().__init__(message, where=where)
        self.code = code


def refusal(*, code: str, message: str, where: str | None) -> DomainError:
    """The other side's refusal as an error of the class that has its code here, if one has."""
    classes = [cls for cls in _subclasses(DomainError) if cls.__dict__.get("code") == code]
    plain = [cls for cls in classes if cls.__init__ is DomainError.__init__]
    if len(plain) == 1:
        return plain[0](message, where=where)
    return RemoteDomainError(message, where=where, code=code)


def _subclasses(cls: type[DomainError]) -> Iterator[type[DomainError]]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _subclasses(inner)
