"""The folders through which the retailer and the simulated market exchange files.

``<folder>/<PLAYER>/to_market`` is where the retailer puts files for ERCOT or a TDSP,
``from_market`` where it finds theirs; what was read lies in ``read``. A file appears under its
name only when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ossrep.market.simulator import tables

TO_MARKET, FROM_MARKET, READ = "to_market", "from_market", "read"
INTERVALS = "intervals"
JOURNAL_FILE = "journal.jsonl"
FILE_BYTES_MAX = 50_000_000
_UNFINISHED = (".part", ".tmp", ".new")


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file to be written, by its path within the folder."""

    path: str
    data: bytes


class MarketFolder:
    """One simulated market's place on disk."""

    def __init__(self, *, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Makes the folders of all players."""
        for player in tables.players():
            for name in (TO_MARKET, FROM_MARKET, READ):
                (self.path / player / name).mkdir(parents=True, exist_ok=True)

    def incoming(self) -> Iterator[tuple[str, str]]:
        """Player and name of every whole file of the retailer's, by name."""
        for player in tables.players():
            for path in sorted((self.path / player / TO_MARKET).iterdir()):
                is_whole = path.suffix not in _UNFINISHED and not path.name.startswith(".")
                if path.is_file() and is_whole:
                    yield player, path.name

    def read(self, *, player: str, name: str) -> bytes:
        """The bytes of an incoming file; a larger one than the limit is cut and so refused."""
        with (self.path / player / TO_MARKET / name).open("rb") as file:
            return file.read(FILE_BYTES_MAX)

    def finish(self, *, player: str, name: str) -> None:
        """Moves an incoming file to those that were read."""
        source = self.path / player / TO_MARKET / name
        if source.exists():
            source.replace(self.path / player / READ / name)

    def write(self, *, files: Sequence[OutFile]) -> None:
        """Writes files beside their places and moves them there."""
        for file in files:
            target = self.path / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.part")
            beside.write_bytes(file.data)
            beside.replace(target)

    def append_journal(self, *, lines: Sequence[str], after: int) -> None:
        """Appends lines after the first ``after`` ones; what a broken step left is cut off."""
        path = self.path / JOURNAL_FILE
        path.touch()
        with path.open("r+", encoding="utf-8") as file:
            for _ in range(after):
                file.readline()
            # The text file's own position is opaque: seek to where reading stopped, then cut.
            file.seek(file.tell())
            file.truncate()
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
