"""``manage.py demo run``."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from io import StringIO
from pathlib import Path

from rich.console import Console, RenderableType

from ossrep.demo.management.subcommands import add_parameters, folder_of, on_screen, parameters_of
from ossrep.demo.playing import Demo
from ossrep.demo.summary import Summary, collect_summary
from ossrep.demo.summary_screen import WIDTH, render_summary
from ossrep.infra.commands import OssrepCommand

HELP = "The whole demo: database, files, imports, bill runs with payments between, summary."

_TITLE = "make demo"


def add_arguments(parser: ArgumentParser) -> None:
    add_parameters(parser)
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="write the last screen as SVG, too"
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    parameters, folder = parameters_of(options), folder_of(options)
    with on_screen(out) as screen:
        demo = Demo(folder=folder, parameters=parameters, screen=screen)
        demo.migrate()
        demo.run()
    if demo.runner.ran == 0:
        out.stdout.write(f"{folder.path} is loaded and billed already: nothing to do.")
    summary = collect_summary(folder=folder, parameters=parameters, done=demo.runner.done)
    _show(summary, options.picture, out)


def _show(summary: Summary, picture: Path | None, out: OssrepCommand) -> None:
    screen = render_summary(summary=summary, next_commands=_next_commands(summary))
    if out.is_terminal:
        out.console().print(screen)
    else:
        Console(file=out.stdout, width=WIDTH, highlight=False).print(screen)  # type: ignore[arg-type]
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(_as_svg(screen), encoding="utf-8")


def _as_svg(screen: RenderableType) -> str:
    recorder = Console(
        record=True, width=WIDTH, highlight=False, file=StringIO(), force_terminal=True
    )
    recorder.print(screen)
    # The library's picture asks another host for its font; the reader's own will do.
    return re.sub(r"@font-face \{.*?\}\s*", "", recorder.export_svg(title=_TITLE), flags=re.S)


def _next_commands(summary: Summary) -> list[tuple[str, str]]:
    return [
        ("make run", "the admin on localhost:8000: accounts, usage, invoices, ledger"),
        ("manage.py bill work-items", "the bills that wait for a person"),
        ("manage.py bill trial-balance", "the ledger's accounts and their sums"),
    ]
