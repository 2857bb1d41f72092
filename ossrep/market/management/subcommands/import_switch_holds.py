"""``manage.py market import-switch-holds``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.market.usecases.import_switch_holds import HoldListOutcome, import_switch_holds

HELP = "Takes the daily switch-hold lists of the TDSPs (docs/market/files.md)."
REFUSED_ROWS_SHOWN = 20


class HoldListsRefused(DomainError):
    """Some files or rows were not taken; the good ones were."""

    code = "hold_lists_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE", help="files or folders")
    parser.add_argument("--json", action="store_true", help="one JSON line for each file")


def handle(options: Namespace, out: OssrepCommand) -> None:
    outcomes = list(import_switch_holds(paths=options.paths, now=clock.now()))
    if options.json:
        for outcome in outcomes:
            out.json_line(**dataclasses.asdict(outcome))
    else:
        columns = ["rows", "held", "released", "refused"]
        out.table(
            columns=["file", *columns, "remark"],
            rows=[(o.name, *(getattr(o, c) for c in columns), _remark(o)) for o in outcomes],
        )
    complaints = _complaints(outcomes)
    if complaints:
        raise HoldListsRefused("\n".join(complaints))


def _remark(outcome: HoldListOutcome) -> str:
    if outcome.refusal:
        return "refused"
    if outcome.was_known:
        return "known, nothing done"
    if outcome.is_superseded:
        return "a newer list was taken before, nothing done"
    return "absent ones keep their hold" if outcome.keeps_absent else ""


def _complaints(outcomes: list[HoldListOutcome]) -> list[str]:
    if not outcomes:
        return ["no list in these paths"]
    files = [outcome.refusal for outcome in outcomes if outcome.refusal]
    rows = [row for outcome in outcomes for row in outcome.refused_rows]
    shown = rows[:REFUSED_ROWS_SHOWN]
    if rows:
        shown.append(f"{len(rows)} rows are in quarantine: manage.py market file-rows list")
    return files + shown
