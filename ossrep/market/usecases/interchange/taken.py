"""A file while it is taken, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from ossrep.market.models import InboundWork
from ossrep.market.usecases.interchange.alarms import alarm_file
from ossrep.market.usecases.interchange.applying import FindHandler
from ossrep.market.usecases.interchange.items import Item


@dataclass(slots=True, kw_only=True)
class Taken:
    """What became of a file: its state, its sets by outcome, and what a person should read."""

    file_id: int
    name: str = ""
    state: str = "done"
    applied: int = 0
    parked: int = 0
    rejected: int = 0
    duplicates: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, items: Sequence[Item]) -> None:
        """Adds the outcomes of sets."""
        for item in items:
            assert item.outcome is not None
            setattr(self, item.outcome.state, getattr(self, item.outcome.state) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInHand:
    """A file with what its taking needs, and where what becomes of it is noted."""

    work: InboundWork
    now: dt.datetime
    find_handler: FindHandler
    taken: Taken

    def alarm(self, *, kind: str, title: str, text: str, part: str = "") -> None:
        """Asks a person to look at the file or a part of it."""
        alarm_file(work=self.work, kind=kind, title=title, text=text, now=self.now, part=part)

    def quarantine(self, text: str) -> None:
        """Notes that it cannot be read."""
        self.taken.state = "quarantined"
        self.taken.notes.append(text)
        self.alarm(
            kind="file_unreadable",
            title=f"{self.taken.name} cannot be read",
            text=f"{text}. The file is kept and nothing of it was applied.",
        )
