"""What a person sees while the demo runs: a bar for the step at work, a line for each one done."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from ossrep.infra.commands import OssrepCommand

_TITLE_WIDTH = 34


class _Share(ProgressColumn):
    """Per cent where the end is known, else how many things are done."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text(f"{task.completed:,.0f}" if task.completed else "")
        return Text(f"{task.percentage:>3.0f} %")


class TerminalScreen:
    """Bars and colors. No thread refreshes it: commands start worker processes by forking."""

    def __init__(self, *, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("  [bold]{task.description}"),
            BarColumn(bar_width=30),
            _Share(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            auto_refresh=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> TerminalScreen:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def begin(self, *, title: str) -> None:
        """Shows a bar that does not know yet how far there is to go."""
        self._task = self._bar.add_task(f"{title:<{_TITLE_WIDTH}}", total=None)
        self._bar.refresh()

    def progress(self, *, done: int, total: int | None) -> None:
        """Moves the bar."""
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
            self._bar.refresh()

    def end(self, *, title: str, note: str, seconds: float) -> None:
        """Takes the bar away and prints a line."""
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
        line = Text.assemble(
            ("✓ ", "green"), f"{title:<{_TITLE_WIDTH}}", (f"{seconds:6.1f} s  ", "dim"), note
        )
        self._bar.console.print(line)
        self._bar.refresh()


class PlainScreen:
    """A line for each step done, where no person looks on."""

    def __init__(self, *, out: OssrepCommand) -> None:
        self._out = out

    def begin(self, *, title: str) -> None:
        """Nothing is said before something is done."""

    def progress(self, *, done: int, total: int | None) -> None:
        """Nothing either."""

    def end(self, *, title: str, note: str, seconds: float) -> None:
        """One line."""
        self._out.stdout.write(f"{title}: {note or 'done'} ({seconds:.1f} s)")
