"""The bytes behind a name: a received file or set, or an interchange of ours."""

from __future__ import annotations

from ossrep.kernel.errors import DomainError
from ossrep.market.models import InboundFile, InboundSet, OutboundGroup
from ossrep.market.usecases.interchange.rereading import raw_set
from ossrep.market.usecases.interchange.storing import read_bytes


class NoSuchBytes(DomainError):
    """Nothing with bytes has this name."""

    code = "no_such_bytes"


def raw_of(*, wanted: str) -> bytes:
    """The bytes of ``file:7``, ``set:7`` or the interchange of ``group:7``; ``NoSuchBytes``."""
    part, _, number = wanted.partition(":")
    key = int(number[:18]) if number.isascii() and number.isdecimal() else -1
    if part == "file" and InboundFile.objects.filter(pk=key).exists():
        return read_bytes(file_id=key)
    if part == "set" and (stored := InboundSet.objects.filter(pk=key).first()):
        return raw_set(stored=stored)
    groups = OutboundGroup.objects.select_related("interchange")
    if part == "group" and (group := groups.filter(pk=key).first()):
        return bytes(group.interchange.content)
    raise NoSuchBytes("name file:N, set:N or group:N of what is kept", where=wanted)
