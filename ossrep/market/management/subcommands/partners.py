"""``manage.py market partners``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.queries.interchange.partners import list_partners
from ossrep.market.usecases.interchange.import_partners import import_partners

HELP = "Lists trading partners, or imports channels, our identities and partners from YAML."


class NoFiles(DomainError):
    """An import without files."""

    code = "no_files"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=["list", "import"], default="list")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="YAML files")
    parser.add_argument("--json", action="store_true", help="one JSON line for each partner")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action == "import":
        _import(options, out)
        return
    partners = list_partners()
    if options.json:
        for partner in partners:
            out.json_line(**partner.fields())
        return
    out.table(
        columns=["code", "name", "DUNS", "channel", "ISA", "GS", "confidence", "lacks"],
        rows=[
            (p.code, p.name, p.duns, p.channel, p.isa, p.gs_id, p.confidence, ", ".join(p.lacks))
            for p in partners
        ],
    )


def _import(options: Namespace, out: OssrepCommand) -> None:
    if not options.paths:
        raise NoFiles("name the YAML files to import")
    for path in options.paths:
        found = import_partners(path=path)
        out.stdout.write(
            f"{path}: {len(found.added)} added, {len(found.changed)} changed, "
            f"{len(found.same)} as before"
        )
