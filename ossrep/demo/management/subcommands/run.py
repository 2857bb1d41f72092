"""``manage.py demo run``."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from io import StringIO
from pathlib import Path

from rich.console import Console, RenderableType

from ossrep.demo.catalog import read_catalog
from ossrep.demo.circle.newcomers import make_neighbors
from ossrep.demo.folder import DemoFolder
from ossrep.demo.management.subcommands import add_parameters, folder_of, on_screen, parameters_of
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.playing import Demo
from ossrep.demo.summary import Summary, collect_summary
from ossrep.demo.summary_screen import WIDTH, render_next, render_summary
from ossrep.demo.writing import make_book
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
    commands = _next_commands(summary, folder, parameters)
    _show(render_summary(summary=summary), options.picture, out)
    out.console().print(render_next(commands=commands), soft_wrap=True)


def _show(screen: RenderableType, picture: Path | None, out: OssrepCommand) -> None:
    out.console(width=None if out.is_terminal else WIDTH).print(screen)
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


def _next_commands(
    summary: Summary, folder: DemoFolder, parameters: DemoParameters
) -> list[tuple[str, str]]:
    manage = f"{_python()} manage.py"
    site = make_book(parameters=parameters).sites[0]
    period = parameters.schedule.last_period(cycle=site.cycle)
    usage = f"--usage {folder.path}/one-home.csv --period {period.start} {period.end}"
    plan = f"{folder.path}/plans/free-nights-12.yaml"
    commands = [
        ("make run", "the admin on localhost:8000: accounts, usage, invoices, ledger"),
        (
            f"{manage} bill quote {plan} {usage} --tdsp {site.wires.code}",
            "what a month of a home would cost on another plan",
        ),
    ]
    market = summary.market
    if market is not None and market.trail:
        commands += [
            (
                f"{manage} market lint {market.trail[-1].path}",
                "what stands in a file of the market",
            ),
            (
                f"{manage} market order {market.example_order}",
                "an order of the market, step by step",
            ),
        ]
        home = make_neighbors(parameters=parameters, catalog=read_catalog())[0]
        address = f"{home.street} {home.town.city} {home.town.zip_code}"
        commands.append(
            (
                f'{manage} market find-address "{address}"',
                "a home with another retailer, to be enrolled as docs/api/enrollment.md says",
            )
        )
    if summary.example_invoice:
        explained = (f"{manage} bill explain {summary.example_invoice}", "a bill, line by line")
        commands.insert(1, explained)
    return commands


def _python() -> Path:
    """As a person would call it who stands in the project's folder."""
    python = Path(sys.executable)
    return python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
