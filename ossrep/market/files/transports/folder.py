"""Files through folders that both sides reach: whole by atomic rename."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ossrep.market.files.transports.model import ChannelConfig, Incoming, Receipt, TransportError

UNFINISHED = (".tmp", ".part", ".filepart")


def open_folder(config: ChannelConfig) -> FolderTransport:
    """Settings: ``outgoing`` and ``incoming`` (folders), ``done`` (default ``incoming``/done)."""
    incoming = Path(config.text("incoming"))
    return FolderTransport(
        outgoing=Path(config.text("outgoing")),
        incoming=incoming,
        done=Path(config.text("done", str(incoming / "done"))),
    )


class FolderTransport:
    """Writes beside and renames; takes what is neither hidden nor named as unfinished."""

    def __init__(self, *, outgoing: Path, incoming: Path, done: Path) -> None:
        self._outgoing = outgoing
        self._incoming = incoming
        self._done = done

    def put(self, *, name: str, data: bytes) -> Receipt:
        """Whole by rename; the folder's entry is on disk before the receipt is given."""
        target = self._outgoing / _plain(name)
        try:
            self._outgoing.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.tmp")
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
            _sync_folder(self._outgoing)
        except OSError as error:
            raise _failed("cannot be written", target, error) from error
        return Receipt(reference=str(target))

    def list_incoming(self) -> Sequence[Incoming]:
        """By time of change, then name."""
        try:
            if not self._incoming.exists():
                return []
            found = [
                (entry.stat().st_mtime_ns, entry.name, entry.stat().st_size)
                for entry in os.scandir(self._incoming)
                if entry.is_file() and _is_finished(entry.name)
            ]
        except OSError as error:
            raise _failed("cannot be listed", self._incoming, error) from error
        return [Incoming(name, size) for _, name, size in sorted(found)]

    def take(self, *, name: str) -> bytes:
        """Reads the file where it lies."""
        path = self._incoming / _plain(name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise _failed("cannot be read", path, error) from error

    def finish(self, *, name: str) -> None:
        """Moves the file to ``done``; a file already moved is fine."""
        path = self._incoming / _plain(name)
        try:
            self._done.mkdir(parents=True, exist_ok=True)
            path.replace(self._done / path.name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed("cannot be moved aside", path, error) from error

    def close(self) -> None:
        """Nothing is held."""


def _is_finished(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _plain(name: str) -> str:
    if not name or name != Path(name).name or name in {".", ".."} or "\0" in name:
        raise TransportError("is no plain file name", where=repr(name), is_permanent=True)
    return name


def _failed(what: str, path: Path, error: OSError) -> TransportError:
    return TransportError(f"{what}: {error.strerror}", where=str(path))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
