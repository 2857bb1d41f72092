"""From a channel's settings to its transport."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from ossrep.market.files.transports.model import ChannelConfig, Transport, UnknownTransport

OPENERS: Mapping[str, str] = {
    "folder": "ossrep.market.files.transports.folder:open_folder",
    "naesb": "ossrep.market.files.transports.naesb:open_naesb",
    "sftp": "ossrep.market.files.transports.sftp:open_sftp",
}
"""Kind of transport to the import path of what opens it, one line each."""


def open_transport(*, config: ChannelConfig) -> Transport:
    """The transport of a channel; ``UnknownTransport`` where there is none of that kind."""
    path = OPENERS.get(config.transport)
    if path is None:
        known = ", ".join(sorted(OPENERS))
        raise UnknownTransport(
            f"no transport is called {config.transport!r}; there are {known}",
            where=f"channel {config.code}",
        )
    module, _, name = path.partition(":")
    opener: Callable[[ChannelConfig], Transport] = getattr(importlib.import_module(module), name)
    return opener(config)
