"""A retailer of few words, for the simulated market alone."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.market.simulator import hours
from ossrep.market.simulator.playing import Played, simulate
from ossrep.market.simulator.settings import MarketSettings, write_settings
from ossrep.market.simulator.writing import asi, bgn, esi, joined, lin, n1
from ossrep.market.simulator.x12 import (
    Envelope,
    Segment,
    TransactionSet,
    read_interchange,
    write_interchange,
)

FIRST_DAY = dt.date(2026, 9, 1)
DUNS = {"ERCOT": "183529049", "ONCOR_ELEC": "1039940674000", "CENTERPOINT": "957877905"}
OURS = "999999999"


@dataclass(frozen=True, slots=True)
class Got:
    """One transaction set that came from the market."""

    file: str
    player: str
    transaction: TransactionSet

    def values(self, tag: str, element: int, qualifier: str | None = None) -> list[str]:
        """An element of all segments of a tag, of those with a qualifier in their first."""
        return [
            s[element] if len(s) > element else ""
            for s in self.transaction.segments
            if s[0] == tag and (qualifier is None or s[1] == qualifier)
        ]

    def value(self, tag: str, element: int, qualifier: str | None = None) -> str:
        """The first of ``values``."""
        return self.values(tag, element, qualifier)[0]


class Retailer:
    """Writes requests into a market's folder, lets it play, reads what comes."""

    def __init__(self, folder: Path, *, faults: str = "", seed: int = 1, **settings: Any) -> None:
        self.folder = folder
        self.seed = seed
        self._control = 0
        self._faults = folder / "faults.yaml" if faults else None
        words: dict[str, Any] = {"premises": 10, "starts_on": FIRST_DAY, **settings}
        write_settings(folder=folder, settings=MarketSettings(**words))
        if faults:
            (folder / "faults.yaml").write_text(faults, encoding="utf-8")
        self.play(FIRST_DAY, 8)

    def play(self, date: dt.date, hour: int = 23) -> Played:
        """Lets the market play up to a local hour."""
        return simulate(
            folder=self.folder,
            until=hours.local(date, hour),
            seed=self.seed,
            faults_file=self._faults,
        )

    @property
    def premises(self) -> list[dict[str, str]]:
        """The rows of ``premises.csv``."""
        with (self.folder / "premises.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def of(self, tdsp: str, kind: str | None = None) -> dict[str, str]:
        """The first premises of a TDSP (and kind)."""
        return next(
            row for row in self.premises if row["tdsp"] == tdsp and kind in (None, row["kind"])
        )

    def send(
        self,
        player: str,
        functional_id: str,
        sets: Sequence[tuple[str, Sequence[Segment]]],
        *,
        wrong_counts: bool = False,
    ) -> str:
        """Puts a file into a player's folder; returns its name."""
        self._control += 1
        state = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        envelope = Envelope(
            isa_sender=OURS,
            isa_receiver=DUNS.get(player, "0"),
            gs_sender=OURS,
            gs_receiver=DUNS.get(player, "0"),
            functional_id=functional_id,
            control=self._control,
            is_test=False,
            made_at=dt.datetime.fromisoformat(state["now"]),
        )
        data = write_interchange(envelope=envelope, sets=sets, wrong_counts=wrong_counts)
        name = f"{self._control:06d}.edi"
        (self.folder / player / "to_market" / name).write_bytes(data)
        return name

    def ask(
        self,
        number: str,
        *,
        reference: str,
        premises: Mapping[str, str],
        service: str = "move_in",
        maintenance: str = "add",
        original: str = "",
        extra: str = "",
        more: Sequence[Segment] = (),
        zip_code: str | None = None,
    ) -> str:
        """An 814 to ERCOT."""
        zip_text = premises["zip_code"] if zip_code is None else zip_code
        segments = joined(
            bgn(
                purpose="13",
                reference=reference,
                date=FIRST_DAY,
                original=original,
                extra=extra,
                last=number,
            ),
            n1("AY", "ERCOT", DUNS["ERCOT"], "40"),
            n1("SJ", "EXAMPLE RETAIL ENERGY", OURS, "41"),
            [["N1", "8R", "JANE SAMPLE"], ["N4", premises["city"], "TX", zip_text]],
            lin(service),
            asi("request", maintenance),
            esi(premises["esi_id"]),
            list(more),
        )
        return self.send("ERCOT", "GE", [("814", segments)])

    def got(self, kind: str = "", *, esi_id: str = "") -> list[Got]:
        """Sets that came, by the time of their files; ``kind`` as files name it (``814_05``)."""
        found = []
        for path in sorted(self.folder.glob("*/from_market/*.edi"), key=lambda p: p.name):
            if kind and kind not in path.name:
                continue
            for group in read_interchange(data=path.read_bytes()).groups:
                player = path.parent.parent.name
                found += [Got(path.name, player, transaction) for transaction in group.sets]
        return [got for got in found if not esi_id or esi_id in got.values("REF", 3, "Q5")]

    def journal(self, what: str = "") -> list[dict[str, Any]]:
        """Lines of the journal."""
        text = (self.folder / "journal.jsonl").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        return [line for line in lines if what in ("", line["what"])]


def dtm(qualifier: str, date: dt.date, time: str = "") -> Segment:
    """A DTM with a qualifier as it stands in the file."""
    return ["DTM", qualifier, f"{date:%Y%m%d}", *([time] if time else [])]
