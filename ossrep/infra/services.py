"""Resolves a published Protocol to its implementation from settings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from ossrep.infra.remote.client import remote_service
from ossrep.kernel.errors import DomainError

Service = TypeVar("Service")

_fakes: dict[str, Any] = {}


class ServiceNotConfigured(DomainError):
    """The settings name no implementation for a published service."""

    code = "service_not_configured"


def resolve(protocol: type[Service]) -> Service:
    """The implementation of a published service Protocol, named by its ``context``.

    ``OSSREP_SERVICES`` maps the context to an import path, or to the address of the process where
    it runs; contexts call each other only this way.
    """
    context: str = getattr(protocol, "context", "")
    if context in _fakes:
        fake: Service = _fakes[context]
        return fake
    path = settings.OSSREP_SERVICES.get(context)
    if path is None:
        raise ServiceNotConfigured(f"OSSREP_SERVICES names nothing for {context!r}")
    if is_address(path):
        remote: Any = remote_service(protocol=protocol, base_url=path)
        found: Service = remote
        return found
    implementation: Service = import_string(path)()
    return implementation


def is_address(path: str) -> bool:
    """True for the address of another process, False for an import path."""
    return path.startswith(("http://", "https://"))


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
