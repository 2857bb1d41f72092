"""``manage.py demo run``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.demo.management.subcommands import add_parameters, demo_folder, on_screen, parameters_of
from ossrep.demo.playing import Demo
from ossrep.infra.commands import OssrepCommand

HELP = "The whole demo: database, files, imports, bill runs with payments between, summary."


def add_arguments(parser: ArgumentParser) -> None:
    add_parameters(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    parameters, folder = parameters_of(options), demo_folder()
    with on_screen(out) as screen:
        demo = Demo(folder=folder, parameters=parameters, screen=screen)
        demo.migrate()
        demo.run()
