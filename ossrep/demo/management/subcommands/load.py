"""``manage.py demo load``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.demo.management.subcommands import add_parameters, folder_of, on_screen, parameters_of
from ossrep.demo.playing import Demo
from ossrep.infra.commands import OssrepCommand

HELP = "Writes the files a retailer would get and imports them with the public commands."


def add_arguments(parser: ArgumentParser) -> None:
    add_parameters(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    parameters, folder = parameters_of(options), folder_of(options)
    with on_screen(out) as screen:
        demo = Demo(folder=folder, parameters=parameters, screen=screen)
        demo.forget_another_database()
        demo.load()
    if demo.runner.ran == 0:
        out.stdout.write(f"{folder.path} is loaded already: nothing to do.")
