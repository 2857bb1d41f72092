"""``manage.py market import-esiids``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings

from ossrep.infra.commands import Advance, OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.usecases.extracts.fetching import fetch_extracts, mark_imported
from ossrep.market.usecases.extracts.importing import ExtractOutcome, import_esi_ids

HELP = "Takes ERCOT's TDSP ESI ID extracts (report 203) into the registry of service points."
COUNTS = ("lines", "added", "changed", "same", "repeated", "refused")


class ExtractsRefused(DomainError):
    """Some files or rows were not taken; the good ones were."""

    code = "extracts_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="zip, CSV or folder")
    parser.add_argument("--fetch", action="store_true", help="get what ERCOT offers and is new")
    parser.add_argument("--json", action="store_true", help="one JSON line for each file")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if bool(options.paths) == options.fetch:
        raise ExtractsRefused("name files or folders, or say --fetch")
    with out.progress("rows") as advance:
        outcomes = list(_fetched(advance) if options.fetch else _read(options.paths, advance))
    if options.json:
        for outcome in outcomes:
            out.json_line(**dataclasses.asdict(outcome))
    else:
        out.table(
            columns=["file", *COUNTS, "remark"],
            rows=[(o.name, *(getattr(o, name) for name in COUNTS), _remark(o)) for o in outcomes],
        )
    if complaints := list(_complaints(outcomes)):
        raise ExtractsRefused("\n".join(complaints))


def _read(paths: Sequence[Path], advance: Advance) -> Iterable[ExtractOutcome]:
    return import_esi_ids(paths=paths, now=clock.now(), advance=advance)


def _fetched(advance: Advance) -> Iterable[ExtractOutcome]:
    folder = Path(settings.VAR_DIR) / "esi-id-extracts"
    paths = fetch_extracts(
        base_url=settings.OSSREP_ERCOT_REPORTS_URL, folder=folder, now=clock.now()
    )
    for outcome in _read(paths, advance) if paths else ():
        yield outcome
        if not outcome.refusal:
            mark_imported(file_name=outcome.name, now=clock.now())


def _remark(outcome: ExtractOutcome) -> str:
    if outcome.refusal:
        return "taken in part" if outcome.state else "refused"
    if outcome.was_known:
        return "known, nothing done"
    if outcome.state == "superseded":
        return "a newer full one was taken before, nothing done"
    resumed = [f"went on after line {outcome.resumed_after}"] if outcome.resumed_after else []
    return "; ".join([*resumed, *outcome.remarks])


def _complaints(outcomes: list[ExtractOutcome]) -> Iterable[str]:
    yield from (outcome.refusal for outcome in outcomes if outcome.refusal)
    if refused := sum(outcome.refused for outcome in outcomes):
        yield f"{refused} rows are in quarantine: manage.py market file-rows list"
