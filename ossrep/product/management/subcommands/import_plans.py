"""``manage.py product import``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.product.usecases.import_plan import import_plan

NAME = "import"
HELP = "Brings plan files into the book as drafts (docs/formats/plan.md)."


class PlansRefused(DomainError):
    """Some files are no plans; the others were imported."""

    code = "plans_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files or folders")


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows, refusals = [], list[str]()
    for path in _plan_files(options.files, refusals):
        try:
            done = import_plan(path=path, as_of=clock.market_today())
        except DomainError as refusal:
            refusals.append(str(refusal))
            continue
        rows.append((path, done.plan_code, done.version, done.outcome))
    out.table(columns=["file", "plan", "version", "outcome"], rows=rows)
    if refusals:
        raise PlansRefused("\n".join(refusals))


def _plan_files(paths: list[Path], refusals: list[str]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        inside = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
        if not inside:
            refusals.append(f"{path}: holds no .yaml or .yml file")
        files += inside
    return files
