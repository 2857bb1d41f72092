"""Resolves a published Protocol to its implementation from settings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from ossrep.kernel.errors import DomainError

Service = TypeVar("Service")

_fakes: dict[str, Any] = {}


class ServiceNotConfigured(DomainError):
    """The settings name no implementation for a published service."""

    code = "service_not_configured"


def resolve(protocol: type[Service]) -> Service:
    """The implementation of a published service Protocol, named by its ``context``.

    ``OSSREP_SERVICES`` maps the context to an import path; contexts call each other only this way.
    """
    context: str = getattr(protocol, "context", "")
    if context in _fakes:
        fake: Service = _fakes[context]
        return fake
    path = settings.OSSREP_SERVICES.get(context)
    if path is None:
        raise ServiceNotConfigured(f"OSSREP_SERVICES names nothing for {context!r}")
    implementation: Service = import_string(path)()
    return implementation


@contextlib.contextmanager
def standing_in(protocol: type[Service], implementation: Service) -> Iterator[None]:
    """Within it ``implementation`` answers for the Protocol; for tests and database-less quotes."""
    context: str = getattr(protocol, "context", "")
    before = _fakes.get(context)
    _fakes[context] = implementation
    try:
        yield
    finally:
        if before is None:
            del _fakes[context]
        else:
            _fakes[context] = before
