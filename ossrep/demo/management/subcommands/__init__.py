"""The sub-commands of ``manage.py demo``, one module each, and the arguments they share."""

from __future__ import annotations

import contextlib
import datetime as dt
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from ossrep.demo.folder import DemoFolder
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.runner import Screen
from ossrep.demo.screen import PlainScreen, TerminalScreen
from ossrep.infra.commands import OssrepCommand

_DEFAULTS = DemoParameters()


def add_parameters(parser: ArgumentParser) -> None:
    """What a demo is made of."""
    parser.add_argument("--accounts", type=int, default=_DEFAULTS.accounts, metavar="N")
    parser.add_argument(
        "--months", type=int, default=_DEFAULTS.months, metavar="M", help="billing months"
    )
    parser.add_argument(
        "--seed", type=int, default=_DEFAULTS.seed, metavar="S", help="equal seeds, equal files"
    )
    parser.add_argument(
        "--as-of",
        type=dt.date.fromisoformat,
        default=_DEFAULTS.as_of,
        metavar="DATE",
        help=f"the demo's today (default: {_DEFAULTS.as_of})",
    )
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where the files go (default: var/demo)"
    )


def parameters_of(options: Namespace) -> DemoParameters:
    """The parameters of a call. Raises DemoRefused."""
    return DemoParameters(
        accounts=options.accounts,
        months=options.months,
        seed=options.seed,
        as_of=options.as_of,
    )


def folder_of(options: Namespace) -> DemoFolder:
    """The folder of a call; the data folder has one for the demo."""
    return DemoFolder(path=options.to or _shown(Path(settings.VAR_DIR) / "demo"))


def _shown(path: Path) -> Path:
    """Short where a person stands in the project's folder: it is printed and kept as given."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@contextlib.contextmanager
def on_screen(out: OssrepCommand) -> Iterator[Screen]:
    """Bars on a terminal, lines elsewhere."""
    if out.is_terminal:
        with TerminalScreen(console=out.console()) as screen:
            yield screen
        return
    yield PlainScreen(out=out)
