"""Where a file that was exchanged lies on this machine, if its channel is a folder."""

from __future__ import annotations

import glob
from pathlib import Path

from ossrep.market.models import Channel

FOLDER = "folder"


def place_of_sent(*, channel: Channel | None, name: str) -> str:
    """The path of a file of ours: in the outgoing folder, or beside it where it was taken to.

    Else its name alone.
    """
    outgoing = _setting(channel, "outgoing")
    if outgoing is None:
        return name
    beside = sorted(outgoing.parent.glob(f"*/{glob.escape(name)}"))
    return _first([outgoing / name, *beside], name)


def place_of_received(*, channel: Channel | None, name: str) -> str:
    """The path of a file that came: among those that are done, or where it still lies."""
    incoming = _setting(channel, "incoming")
    if incoming is None:
        return name
    done = _setting(channel, "done") or incoming / "done"
    return _first([done / name, incoming / name], name)


def _setting(channel: Channel | None, key: str) -> Path | None:
    if channel is None or channel.transport != FOLDER:
        return None
    text = channel.settings.get(key)
    return Path(str(text)) if text else None


def _first(places: list[Path], name: str) -> str:
    here = Path.cwd()
    for place in places:
        if place.is_file():
            return str(place.relative_to(here) if place.is_relative_to(here) else place)
    return name
