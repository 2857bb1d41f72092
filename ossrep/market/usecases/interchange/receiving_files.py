"""Fetches files from partners or takes those handed in; each is safe before it is looked into."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ossrep.kernel.errors import DomainError
from ossrep.market.files.transports.model import ChannelConfig, Transport, TransportError
from ossrep.market.files.transports.opening import open_transport
from ossrep.market.models import HAND, Channel, TradingPartner
from ossrep.market.usecases.interchange.outbound import find_partner
from ossrep.market.usecases.interchange.sending import config_of
from ossrep.market.usecases.interchange.storing import (
    FileTooLarge,
    Stored,
    store_file,
    store_stream,
)

FILES_PER_FETCH_MAX = 10_000

OpenTransport = Callable[[ChannelConfig], Transport]


class FileNotReadable(DomainError):
    """A file handed in that cannot be opened or is too large."""

    code = "file_not_readable"


class UnknownChannel(DomainError):
    """A channel that is not registered, or is switched off."""

    code = "unknown_channel"


def take_in(
    *,
    paths: Sequence[Path],
    now: dt.datetime,
    partner: str | None = None,
    channel: str = HAND,
) -> Iterator[Stored]:
    """Stores files that an operator hands in; folders give their files by name.

    ``partner`` says whose they are, which files without envelope need. Raises ``UnknownPartner``,
    ``UnknownChannel``, ``FileNotReadable``.
    """
    whose = None if partner is None else find_partner(code=partner)
    way = find_channel(code=channel)
    for path in _files(paths):
        yield _store(path, way, whose, now)


def fetch(
    *,
    now: dt.datetime,
    partner: str | None = None,
    opening: OpenTransport | None = None,
) -> Iterator[tuple[str, Stored | DomainError]]:
    """Fetches what waits on every active channel, or on that of one partner.

    Gives (file name, where it is kept or why not). A file is finished at the transport only when
    its bytes are committed here; one channel's trouble holds up no other.
    """
    for channel in _channels(partner):
        try:
            yield from _fetch_from(channel, now, opening)
        except DomainError as error:
            yield channel.code, error


def find_channel(*, code: str) -> Channel:
    """The active channel of that code; ``UnknownChannel`` where there is none."""
    channel = Channel.objects.filter(code=code, is_active=True).first()
    if channel is None:
        known = ", ".join(Channel.objects.filter(is_active=True).values_list("code", flat=True))
        raise UnknownChannel(f"no active channel has the code {code!r}; there are {known}")
    return channel


def _channels(partner: str | None) -> list[Channel]:
    if partner is not None:
        found = find_partner(code=partner).channel
        return [] if found is None or found.code == HAND else [found]
    return list(Channel.objects.filter(is_active=True).exclude(code=HAND).order_by("code"))


def _fetch_from(
    channel: Channel, now: dt.datetime, opening: OpenTransport | None
) -> Iterator[tuple[str, Stored | DomainError]]:
    provider = _provider_of(channel)
    config = config_of(channel=channel, partner=provider)
    transport = open_transport(config=config) if opening is None else opening(config)
    with contextlib.closing(transport) as way:
        for incoming in way.list_incoming()[:FILES_PER_FETCH_MAX]:
            try:
                data = way.take(name=incoming.name)
            except TransportError:
                if any(left.name == incoming.name for left in way.list_incoming()):
                    raise
                continue  # another receiver has kept and finished it meanwhile
            stored = store_file(
                name=incoming.name, data=data, channel=channel, now=now, partner=provider
            )
            way.finish(name=incoming.name)
            yield incoming.name, stored


def _provider_of(channel: Channel) -> TradingPartner | None:
    """The only partner of a channel: whose a file without envelope then is."""
    partners = list(TradingPartner.objects.filter(channel=channel, is_active=True)[:2])
    return partners[0] if len(partners) == 1 else None


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                entry for entry in path.iterdir() if entry.is_file() and entry.name[0] != "."
            )
        else:
            yield path


def _store(
    path: Path, channel: Channel, partner: TradingPartner | None, now: dt.datetime
) -> Stored:
    try:
        with path.open("rb") as source:
            return store_stream(
                name=path.name, source=source, channel=channel, now=now, partner=partner
            )
    except FileTooLarge as error:
        raise FileNotReadable(error.message, where=str(path)) from error
    except OSError as error:
        raise FileNotReadable(f"cannot be read: {error.strerror}", where=str(path)) from error
