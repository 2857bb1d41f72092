"""How sub-commands print: tables by rich on a terminal, plain text or JSON lines otherwise."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from ossrep.kernel.events import to_payload


class Output:
    """One place to print to; ``as_json`` turns every table and record into JSON lines."""

    def __init__(self, *, stream: Any, as_json: bool) -> None:
        self._stream = stream
        self.as_json = as_json

    @property
    def is_terminal(self) -> bool:
        """True when a person watches and has not asked for JSON."""
        return not self.as_json and bool(self._stream.isatty())

    def text(self, line: str) -> None:
        """A line for people; nothing in JSON mode."""
        if not self.as_json:
            self._stream.write(line)

    def record(self, record: Mapping[str, Any]) -> None:
        """A line of JSON, in any mode."""
        self._stream.write(json.dumps(to_payload(record), ensure_ascii=False))

    def table(self, *, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows under headings; numbers stand to the right."""
        if self.as_json:
            for row in rows:
                self.record(dict(zip(columns, row, strict=True)))
            return
        table = Table(title=title or None, title_justify="left", header_style="bold")
        for index, column in enumerate(columns):
            numeric = bool(rows) and all(_is_number(row[index]) for row in rows)
            table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric)
        for row in rows:
            table.add_row(*("" if value is None else _cell(value) for value in row))
        self.console().print(table)

    def console(self) -> Console:
        """The console of rich on this stream, as wide as a table needs when nobody watches."""
        target: TextIO = getattr(self._stream, "_out", sys.stdout)
        return Console(file=target, width=None if self.is_terminal else 160, soft_wrap=False)

    def progress(self) -> Progress:
        """A progress bar; silent unless a person watches."""
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console(),
            disable=not self.is_terminal,
            transient=False,
        )


def _is_number(value: Any) -> bool:
    if value is None or isinstance(value, int):
        return True
    return str(value).replace(",", "").replace(".", "").lstrip("-").isdigit()


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
