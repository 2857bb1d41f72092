"""``manage.py market diagrams``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.conf import settings

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.processes.diagrams import write_document

HELP = "The drawing of the market's processes: check it against the tables, or write it."

DOCUMENT = Path("docs", "market", "processes.md")


class DiagramsAreStale(DomainError):
    """The document is not what the tables say."""

    code = "diagrams_are_stale"


def add_arguments(parser: ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--check", action="store_true", help="fail where the drawing is stale")
    chosen.add_argument("--write", action="store_true", help="write it anew")


def handle(options: Namespace, out: OssrepCommand) -> None:
    path = Path(settings.BASE_DIR) / DOCUMENT
    text = write_document(PROCESSES.values())
    if options.write:
        path.write_text(text)
        out.stdout.write(f"{DOCUMENT} written: {len(PROCESSES)} processes")
        return
    if not path.exists() or path.read_text() != text:
        raise DiagramsAreStale(
            "is not what the tables say: run manage.py market diagrams --write",
            where=str(DOCUMENT),
        )
    out.stdout.write(f"{DOCUMENT} agrees with the tables")
