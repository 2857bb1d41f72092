"""``python -m bench [NAME...] [--quick]``: runs the modules, prints and keeps the figures.

Each module of this package offers ``run(quick: bool) -> list[Figure]``. The results stand in
``var/bench/results.json``; a later run of some modules keeps the others' figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import django
from rich.console import Console
from rich.table import Table

import bench
from bench.figures import BenchCannotRun, Figure

NOT_BENCHES = {"__main__", "figures", "database", "bill_book"}


def main(argv: list[str]) -> int:
    """Runs the chosen modules; status 1 when one failed or a bar is not met."""
    names = sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in NOT_BENCHES
    )
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    options = parser.parse_args(argv)
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}")
    figures: list[tuple[str, Figure]] = []
    failed: list[str] = []
    for name in options.names or names:
        print(f"== {name}", flush=True)
        try:
            found = importlib.import_module(f"bench.{name}").run(quick=options.quick)
        except BenchCannotRun as reason:
            print(f"not measured: {reason}")
            failed.append(name)
        except Exception:
            # The figures of the others took minutes to measure; they are not to be lost.
            traceback.print_exc()
            failed.append(name)
        else:
            figures += [(name, figure) for figure in found]
    _print(figures)
    _keep(figures, quick=options.quick)
    return 1 if failed or not all(figure.met for _, figure in figures) else 0


def _print(figures: list[tuple[str, Figure]]) -> None:
    table = Table("figure", "value", "unit", "bar", "aim", "bar met", "note", title="Figures")
    for _, figure in figures:
        aim = "" if figure.aim is None else f"{figure.aim:,g}"
        sign = "≤ " if figure.lower_is_better else ""
        met = "[green]yes[/]" if figure.met else "[red]no[/]"
        table.add_row(
            figure.name,
            f"{figure.value:,.6g}",
            figure.unit,
            f"{sign}{figure.bar:,g}",
            f"{sign if aim else ''}{aim}",
            met + (" (aim too)" if figure.met and figure.aim_met and aim else ""),
            figure.note,
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _keep(figures: list[tuple[str, Figure]], *, quick: bool) -> None:
    from django.conf import settings

    path = Path(settings.VAR_DIR) / "bench" / "results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    measured = {name for name, _ in figures}
    kept = [row for row in kept if row["bench"] not in measured]
    stamp = {"commit": _commit(), "machine": _machine(), "quick": quick}
    for name, figure in figures:
        row = {"bench": name, **dataclasses.asdict(figure), "met": figure.met}
        kept.append({**row, "aim_met": figure.aim_met, **stamp})
    path.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"kept in {path}")


def _commit() -> str:
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return git.stdout.strip() or "unknown"


def _machine() -> dict[str, Any]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main(sys.argv[1:]))
