"""How ``market lint`` shows a report: panels and colors on a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ossrep.infra.commands import OssrepCommand
from ossrep.market.edi.lint.model import (
    DocumentReport,
    EnvelopeReport,
    FileReport,
    Grid,
    GroupReport,
    Line,
    Problem,
    RawLine,
)

PLAIN_WIDTH = 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SIGNS = {"good": ("✓", "green"), "faulty": ("✗", "red"), "unread": ("?", "yellow")}


def show_report(report: FileReport, *, name: str, out: OssrepCommand) -> None:
    """Prints the whole report; texts of the file can neither style nor tear the output."""
    console = out.console(width=None if out.is_terminal else PLAIN_WIDTH)
    console.print(_head(report, name))
    for problem in report.problems:
        console.print(_problem(problem))
    for envelope in report.envelopes:
        _show_envelope(envelope, console)
    if report.left_out:
        _say(
            console,
            f"{report.left_out:,} more documents are not shown; --documents N shows more",
            "dim",
        )
    console.print(_verdict(report))


def clean(text: str) -> str:
    """Control characters, and marks that turn the writing around, as their escapes."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def _head(report: FileReport, name: str) -> RenderableType:
    body = Text(clean(report.summary))
    body.append(f"\n{report.size:,} bytes", style="dim")
    for kind, title, count in report.counts:
        body.append(f"\n{count:>6,} × ")
        body.append(clean(kind), style="bold")
        body.append(f"  {title}" if title else "  no guide table")
    label = Text(clean(Path(name).name or name), style="bold")
    return Panel(body, title=label, title_align="left", border_style="cyan")


def _verdict(report: FileReport) -> RenderableType:
    notes = f", {_counted(report.note_count, 'note')}" if report.note_count else ""
    if report.problem_count:
        return Text(f"✗ {_counted(report.problem_count, 'problem')}{notes}", style="bold red")
    return Text(f"✓ no problems{notes}", style="bold green")


def _show_envelope(envelope: EnvelopeReport, console: Console) -> None:
    console.print(Rule(Text(clean(envelope.title), style="bold cyan"), align="left", style="cyan"))
    console.print(_facts([*envelope.facts, Line("our answer", envelope.answer)]))
    for problem in envelope.problems:
        console.print(_problem(problem))
    for group in envelope.groups:
        _show_group(group, console)
    console.print()


def _show_group(group: GroupReport, console: Console) -> None:
    if group.title:
        console.print()
        console.print(Text(clean(group.title), style="bold"))
        console.print(_facts([*group.facts, Line("997", group.answer)]))
    for problem in group.problems:
        console.print(_problem(problem))
    for document in group.documents:
        console.print()
        console.print(_document(document))


def _document(document: DocumentReport) -> RenderableType:
    sign, color = _SIGNS[document.state]
    title = Text.assemble(
        (f"{sign} ", color),
        (clean(document.kind), f"bold {color}"),
        f"  {document.title}" if document.title else "  (no guide table)",
    )
    place = Text(f"no. {document.number}, {clean(document.reference)}, {document.place}", "dim")
    parts: list[RenderableType] = [_problem(problem) for problem in document.problems]
    parts += _reading(document.reading)
    parts += _raw(document.raw)
    return Panel(
        Group(*parts),
        title=title,
        title_align="left",
        subtitle=place,
        subtitle_align="right",
        border_style=color if document.state != "good" else "dim",
    )


def _problem(problem: Problem) -> RenderableType:
    color = "yellow" if problem.is_note else "red"
    text = Text()
    text.append("• note: " if problem.is_note else "✗ ", style=color)
    text.append(clean(problem.what), style=color if problem.is_note else f"bold {color}")
    rows: list[tuple[str, str]] = [("where", problem.where), ("segment", problem.line)]
    rows += [("expected", problem.expected), ("found", problem.found)]
    rows += [("rule", problem.rule), ("what to do", problem.advice)]
    if problem.is_note:
        rows = [row for row in rows if row[0] not in ("rule", "what to do")]
    table = _two_columns()
    for label, value in rows:
        if value:
            style = "bold" if label == "what to do" else ""
            table.add_row(Text(label, style="dim"), Text(clean(value), style=style))
    return Padding(Group(text, Padding(table, (0, 0, 0, 2))), (0, 0, 0, 1))


def _reading(reading: Iterable[Line | Grid]) -> list[RenderableType]:
    """Runs of lines share their columns; a grid stands by itself."""
    parts: list[RenderableType] = []
    run: list[Line] = []
    for each in reading:
        if isinstance(each, Line):
            run.append(each)
            continue
        if run:
            parts.append(_facts(run))
            run = []
        parts.append(_grid(each))
    return [*parts, _facts(run)] if run else parts


def _facts(lines: Sequence[Line]) -> RenderableType:
    table = _two_columns()
    for line in lines:
        indent = "  " * line.level
        is_head = not line.value
        label = Text(f"{indent}{clean(line.label)}", style="bold" if is_head else "dim")
        table.add_row(label, Text(clean(line.value)))
    return table


def _grid(grid: Grid) -> RenderableType:
    table = Table(
        title=Text(clean(grid.title), style="bold"),
        title_justify="left",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for index, column in enumerate(grid.columns):
        numeric = all(_is_number(row[index]) for row in grid.rows)
        table.add_column(
            Text(clean(column)), justify="right" if numeric else "left", overflow="fold"
        )
    for row in grid.rows:
        table.add_row(*(Text(clean(value)) for value in row))
    return Padding(table, (0, 0, 0, 2 * grid.level))


def _raw(lines: Sequence[RawLine]) -> list[RenderableType]:
    width = max((len(str(line.number)) for line in lines), default=1)
    return [
        Text.assemble(
            ("▶ " if line.is_marked else "  ", "red"),
            (f"{line.number or '':>{width}}  ", "dim"),
            (clean(line.text), "bold red" if line.is_marked else "" if line.number else "dim"),
        )
        for line in lines
    ]


def _two_columns() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _say(console: Console, text: str, style: str) -> None:
    console.print(Text(text, style=style))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").isdigit() or not text
