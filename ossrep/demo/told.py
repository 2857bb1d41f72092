"""What a command told on its standard output, for programs: JSON lines and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """JSON lines, and all other lines."""

    rows: Sequence[Any] = ()
    lines: Sequence[str] = ()

    def table(self) -> list[dict[str, str]]:
        """The lines as the table they are: tabs between cells, names in the first line."""
        lines = [line.split("\t") for line in self.lines if "\t" in line]
        return [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
