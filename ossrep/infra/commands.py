"""What every command of the product shares: history, refusals, progress, tables."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import os
import re
import select
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from rich.console import Console, JustifyMethod
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from ossrep.infra import audit, database
from ossrep.infra.remote.errors import ServiceUnavailable
from ossrep.kernel.errors import DomainError

SECONDS_BETWEEN_PROGRESS_LINES = 2.0
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ONE_FIELD = str.maketrans({"\t": "\\t", "\n": "\\n"})

Advance = Callable[[int], None]


class OssrepCommand(BaseCommand):
    """A command whose changes are recorded with who ran it and why.

    A ``DomainError`` ends it with status 1 and ``where: message`` on standard error, without a
    traceback; called from code (``call_command``) the error passes through. A reader that has
    seen enough (``| head``) ends it without a word. Every sub-command
    takes ``--reason``. Output meant for people is a rich table or progress bar on a terminal,
    and plain lines or JSON lines where the output is read by a program.
    """

    requires_system_checks: Any = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        _add_reason(parser, default=None)
        return parser

    def needs_database(self, options: Mapping[str, Any]) -> bool:
        """False for a sub-command that must work without any database."""
        return True

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            super().run_from_argv(argv)
            self.stdout.flush()
        except DomainError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except ServiceUnavailable as error:
            self.stderr.write(f"another process does not answer: {error}")
            sys.exit(1)
        except DatabaseError as error:
            if not database.lacks_migrations(error):
                raise
            self.stderr.write("the database is not prepared; run: manage.py migrate")
            sys.exit(1)
        except BrokenPipeError:
            if not _reader_is_gone():
                raise
            sys.exit(1)

    def execute(self, *args: Any, **options: Any) -> str | None:
        if self.needs_database(options):
            database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
        metadata = {"command": shlex.join(sys.argv), "os_user": _os_user()}
        if options.get("reason"):
            metadata["reason"] = options["reason"]
        with audit.history_context(**metadata):
            return super().execute(*args, **options)

    @property
    def is_terminal(self) -> bool:
        """True when a person reads the output."""
        return bool(self.stdout.isatty())

    def console(self, *, width: int | None = None) -> Console:
        """A rich console on this command's output.

        Django's wrapper ends every write with a line feed, which tears bars apart: the console
        writes to the stream behind it.
        """
        return Console(file=cast(IO[str], self.stdout._out), highlight=False, width=width)

    def json_line(self, **fields: Any) -> None:
        """One JSON object on a line of its own."""
        self.stdout.write(json.dumps(fields, default=str))

    def table(
        self, *, columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None
    ) -> None:
        """A table for people; off a terminal tab-separated lines with a header line.

        Columns whose values are all numbers stand on the right. Every text is shown as it is,
        control characters as their escapes: what files say can neither style nor tear the table.
        """
        cells = [["" if value is None else _shown(str(value)) for value in row] for row in rows]
        if not self.is_terminal:
            for line in [list(columns), *cells]:
                self.stdout.write("\t".join(cell.translate(_ONE_FIELD) for cell in line))
            return
        table = Table(
            title=None if title is None else Text(_shown(title)),
            title_justify="left",
            header_style="bold",
        )
        for index, column in enumerate(columns):
            right = bool(cells) and all(_is_number(row[index]) for row in cells)
            justify: JustifyMethod = "right" if right else "left"
            table.add_column(Text(_shown(column)), justify=justify, overflow="fold")
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        self.console().print(table)

    @contextlib.contextmanager
    def progress(self, label: str, *, total: int | None = None) -> Iterator[Advance]:
        """Gives a function to call with the count of things just done.

        A bar on a terminal; elsewhere JSON lines, at most one every two seconds and one at the
        end: ``{"progress": label, "done": n, "total": n, "seconds": s}``.
        """
        if self.is_terminal:
            with _bar(self.console()) as bar:
                task = bar.add_task(label, total=total)
                yield lambda count: bar.advance(task, count)
            return
        lines = _ProgressLines(label=label, total=total, write=self.json_line)
        yield lines.advance
        lines.write_now()


class _ProgressLines:
    """Progress as JSON lines, not more often than a log can bear."""

    def __init__(self, *, label: str, total: int | None, write: Callable[..., None]) -> None:
        self._label = label
        self._total = total
        self._write = write
        self._done = 0
        self._started = self._written = time.perf_counter()

    def advance(self, count: int) -> None:
        self._done += count
        if time.perf_counter() - self._written >= SECONDS_BETWEEN_PROGRESS_LINES:
            self.write_now()

    def write_now(self) -> None:
        self._written = time.perf_counter()
        seconds = round(self._written - self._started, 2)
        self._write(progress=self._label, done=self._done, total=self._total, seconds=seconds)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        console=console,
    )


def _add_reason(parser: argparse.ArgumentParser, *, default: Any) -> None:
    # Sub-parsers suppress the default, else theirs would overwrite a value given before.
    if "--reason" not in parser._option_string_actions:
        parser.add_argument(
            "--reason", default=default, help="Why; kept in the history of what changes."
        )
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub_parser in set(action.choices.values()):
                _add_reason(sub_parser, default=argparse.SUPPRESS)


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a user id that has no name.
        return ""


def _shown(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").strip("$ %").isdigit()


def _reader_is_gone() -> bool:
    """True when nobody reads standard output any more; what is left unwritten is then let go."""
    output = sys.__stdout__
    if output is None:
        return False
    poll = select.poll()
    poll.register(output.fileno(), select.POLLOUT)
    if not any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0)):
        return False
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, output.fileno())
    os.close(nowhere)
    return True
