"""The demo's folder: its files, what was written into it, and which steps are done."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.demo.parameters import DemoParameters, DemoRefused
from ossrep.demo.told import Told

WRITERS_VERSION = 3
"""To be raised when the same parameters give other files than before."""

README = """\
What a retailer of {accounts:,} accounts gets in {months} months, invented (seed {seed}).

*.yaml, plans/                      what the retailer sells, and what delivery costs
esi-ids/                            ERCOT's extract: every ESI ID with its address
read-calendar.csv                   when the wires companies read the meters of each cycle
prices.csv, taxes.yaml              ERCOT's settlement point prices; places and local taxes
book/, opening.jsonl                what the old system knows: customers, accounts, premises,
                                    contracts; balances, banks, usage of thirteen months
intervals/                          quarter hours: LSE files, Smart Meter Texas's portal,
                                    late files and corrections
payments/                           what customers paid
market/                             ERCOT and five TDSPs, simulated: newcomers' wishes, every
                                    message there and back (docs/market/simulator.md)
one-home.csv                        a month of the first home, for trying plans with `bill quote`
invoices/                           bills of the last run as PDF, with lists and totals

docs/formats/ describes every layout. `manage.py demo load` imports them with the public commands.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Counts of what the files hold; ``interval_days`` by the way they come."""

    customers: int
    accounts: int
    premises: int
    contracts: int
    plan_codes: tuple[str, ...]
    interval_files: int
    interval_days: Mapping[str, int]
    quarter_hours: int
    file_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneStep:
    """What became of a step: how long it took and what its command said."""

    seconds: float
    told: Told


class DemoFolder:
    """``var/demo``: one demo at a time."""

    def __init__(self, *, path: Path) -> None:
        self.path = path

    @property
    def intervals(self) -> Path:
        """Where the folders of interval files lie."""
        return self.path / "intervals"

    def begin(self, *, parameters: DemoParameters) -> None:
        """Makes the folder for these parameters. Raises DemoRefused where it holds another demo."""
        found = self._read("parameters.json")
        wanted = _parameters_of(parameters)
        if found is not None and found != wanted:
            raise DemoRefused(
                f"holds a demo of {_in_words(found)}, not of {_in_words(wanted)}: `make clean` "
                "removes it with its database, OSSREP_VAR_DIR names another data folder",
                where=str(self.path),
            )
        self.path.mkdir(parents=True, exist_ok=True)
        words = dataclasses.asdict(parameters)
        (self.path / "README.txt").write_text(README.format(**words), encoding="utf-8")
        self._write("parameters.json", wanted)

    @property
    def written(self) -> Written | None:
        """What was written; None before all files are there."""
        found = self._read("written.json")
        if found is None:
            return None
        return Written(**{**found, "plan_codes": tuple(found["plan_codes"])})

    def finish_writing(self, *, written: Written) -> None:
        """Keeps the counts: from now on the files are complete."""
        self._write("written.json", dataclasses.asdict(written))

    def done_steps(self) -> dict[str, DoneStep]:
        """Steps that ran to their end, by key."""
        found = self._read("done.json") or {}
        return {
            key: DoneStep(seconds=step["seconds"], told=Told(**step["told"]))
            for key, step in found.items()
        }

    def keep_step(self, *, key: str, step: DoneStep) -> None:
        """A step is done."""
        done = {**self.done_steps(), key: step}
        self._write("done.json", {key: dataclasses.asdict(s) for key, s in done.items()})

    def forget_steps(self) -> None:
        """Nothing is done: the database is another one."""
        (self.path / "done.json").unlink(missing_ok=True)

    def _read(self, name: str) -> Any:
        path = self.path / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def _write(self, name: str, content: object) -> None:
        # Written beside and moved, so that a broken run leaves a whole file or none.
        beside = self.path / f"{name}.new"
        beside.write_text(json.dumps(content, indent=1, default=str) + "\n", encoding="utf-8")
        beside.replace(self.path / name)


def _parameters_of(parameters: DemoParameters) -> dict[str, object]:
    words = {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in dataclasses.asdict(parameters).items()
    }
    return {**words, "writers_version": WRITERS_VERSION}


def _in_words(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parameters.items())
