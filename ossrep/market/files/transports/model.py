"""What every transport offers, and what it is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ossrep.kernel.errors import DomainError


class TransportError(DomainError):
    """A file could not be handed over or fetched; ``is_permanent`` when a retry cannot help."""

    code = "transport_error"

    def __init__(
        self, message: str, *, where: str | None = None, is_permanent: bool = False
    ) -> None:
        super().__init__(message, where=where)
        self.is_permanent = is_permanent


class UnknownTransport(DomainError):
    """A channel names a transport that does not exist, or lacks a setting of it."""

    code = "unknown_transport"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerKeys:
    """What a transport must know of the partner at the other end of a channel."""

    partner: str = ""
    duns: str = ""
    pgp_fingerprint: str = ""
    pgp_public_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """A channel as data: its code, the transport's kind and settings, the partner's keys.

    Settings name files and environment variables that hold secrets, never the secrets.
    """

    code: str
    transport: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    keys: PartnerKeys = field(default_factory=PartnerKeys)

    def text(self, name: str, default: str | None = None) -> str:
        """A setting that must be text; ``UnknownTransport`` where it is missing without default."""
        value = self.settings.get(name, default)
        if not isinstance(value, str) or not value:
            raise UnknownTransport(
                f"transport {self.transport!r} needs the setting {name!r}",
                where=f"channel {self.code}",
            )
        return value


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a file was taken: the transport's own id of the exchange, and its words."""

    reference: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A complete file that waits at the other end; ``name`` is what ``take`` wants."""

    name: str
    size_bytes: int | None = None


class Transport(Protocol):
    """Moves whole files. Every method may raise ``TransportError`` and nothing else."""

    def put(self, *, name: str, data: bytes) -> Receipt:
        """Hands a file over, whole or not at all; the same name and bytes again do no harm."""
        ...

    def list_incoming(self) -> Sequence[Incoming]:
        """Files that are complete, oldest first; none that is still being written."""
        ...

    def take(self, *, name: str) -> bytes:
        """The bytes of a listed file; it stays where it is."""
        ...

    def finish(self, *, name: str) -> None:
        """Called when the bytes are safe with us: the file is moved aside or removed."""
        ...

    def close(self) -> None:
        """Gives back what the transport holds."""
        ...
