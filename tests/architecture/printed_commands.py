"""The commands that the documents print, and what the product's parsers say of them."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.core.management import get_commands, load_command_class

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(?:\.venv/bin/python |python )?(manage\.py [^`]+)`")
_LINE = re.compile(r"manage\.py .*")
_CONTINUED = re.compile(r"\s*\\\n\s*")
_COMMENT = re.compile(r" #.*")
_COLUMNS = re.compile(r"\s{2,}")
_OPTION = re.compile(r"--[a-z][a-z0-9-]*")
_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A command as a document prints it, from ``manage.py`` on."""

    document: Path
    text: str


def printed_commands(*, document: Path) -> Iterator[Printed]:
    """Every ``manage.py ...`` of a document's code blocks and inline code."""
    text = document.read_text(encoding="utf-8")
    for block in _FENCE.findall(text):
        for line in _LINE.findall(_CONTINUED.sub(" ", block)):
            for one in _several(_COMMENT.sub("", line)):
                yield Printed(document=document, text=one)
    for found in _INLINE.findall(_FENCE.sub("", text)):
        yield Printed(document=document, text=" ".join(found.split()))


def _several(line: str) -> list[str]:
    """The command of a line, and further ones of its name in columns beside it."""
    first, *columns = _COLUMNS.split(line.strip())
    name = first.split()[1]
    return [first, *(f"manage.py {column}" for column in columns if column.startswith(f"{name} "))]


def fault_of(*, printed: Printed) -> str:
    """What a reader who types the command would be told; empty where it is taken.

    Judged are the names of command and sub-commands (``a|b`` is several) and of options; values
    are the reader's own.
    """
    words = _words(printed.text)
    if not words or not _NAME.fullmatch(words[0]):
        return ""
    parser = _parser(words[0])
    if parser is None:
        return f"there is no command {words[0]}"
    return _fault(parser, words[1:], _OPTION.findall(printed.text))


def _words(text: str) -> list[str]:
    plain = re.sub(r"[\[\]]", " ", text.removeprefix("manage.py "))
    try:
        return shlex.split(plain)
    except ValueError:
        return plain.split()


@cache
def _parser(name: str) -> argparse.ArgumentParser | None:
    app = get_commands().get(name)
    if app is None:
        return None
    command = app if not isinstance(app, str) else load_command_class(app, name)
    parser: argparse.ArgumentParser = command.create_parser("manage.py", name)
    return parser


def _fault(parser: argparse.ArgumentParser, words: list[str], options: list[str]) -> str:
    branches = _branches(parser)
    if branches and words and not words[0].startswith(("-", "…", ".")):
        faults = [
            f"{parser.prog} has no {name}" if name not in branches
            else _fault(branches[name], words[1:], options if "|" not in words[0] else [])
            for name in words[0].split("|")
        ]  # fmt: skip
        return next(filter(None, faults), "")
    if branches:
        return "" if words else f"{parser.prog} needs one of {', '.join(sorted(branches))}"
    known = {string for action in parser._actions for string in action.option_strings}
    missing = [option for option in options if option not in known]
    return f"{parser.prog} has no {missing[0]}" if missing else ""


def _branches(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}
