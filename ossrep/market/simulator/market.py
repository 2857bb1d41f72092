"""The simulated market at work: takes files, follows its agenda, writes answers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.faults import ON_ANSWER, Faults
from ossrep.market.simulator.folders import FROM_MARKET, MarketFolder, OutFile
from ossrep.market.simulator.premises_file import ReadCalendar
from ossrep.market.simulator.settings import MarketSettings
from ossrep.market.simulator.tables import Player, Wires
from ossrep.market.simulator.world import Premises, World, save_world
from ossrep.market.simulator.x12 import Envelope, Segment, write_interchange

FUNCTIONAL_IDS = {
    "814": "GE", "650": "MO", "867": "PT", "810": "IN", "824": "AG", "997": "FA",
}  # fmt: skip
_ACKNOWLEDGED_WITHIN_HOURS = 24


@dataclass(frozen=True, slots=True)
class Posted:
    """A message on its way into an interchange."""

    kind: str
    segments: Sequence[Segment]
    reference: str
    esi_id: str

    @property
    def code(self) -> str:
        """The set code: ``814``."""
        return self.kind[:3]


class Market:
    """Everything that handlers need: the world, the tables of the folder, a way to post."""

    def __init__(
        self,
        *,
        world: World,
        folder: MarketFolder,
        settings: MarketSettings,
        calendar: ReadCalendar,
        faults: Faults,
    ) -> None:
        self.world = world
        self.folder = folder
        self.settings = settings
        self.calendar = calendar
        self.faults = faults
        self.now = world.instant
        self._batches: dict[tuple[str, str], list[Posted]] = {}
        self._files: list[OutFile] = []
        self._journal: list[str] = []
        self._finished: list[tuple[str, str]] = []

    @property
    def today(self) -> dt.date:
        """The market's date of the virtual present."""
        return hours.local_date(self.now)

    @property
    def retailer(self) -> tuple[str, str]:
        """Name and DUNS of the retailer."""
        return self.settings.retailer_name, self.settings.retailer_duns

    def is_ours(self, premises: Premises) -> bool:
        """True where the retailer is REP of record."""
        return premises.retailer == self.settings.retailer_duns

    def wires_of(self, esi_id: str) -> Wires:
        """The TDSP of a known ESI ID."""
        return tables.wires()[self.world.premises[esi_id].tdsp]

    def new_reference(self, player: Player) -> str:
        """A BGN02, BPT02 or BIG02 that was never used: letters and digits, at most 30."""
        number = self.world.next_number(f"reference-{player.code}")
        return f"{player.reference}{self.now:%Y%m%d%H%M%S}{number:06d}"

    def delay(self, kind: str) -> dt.datetime:
        """When an answer of a kind leaves that is asked for now."""
        amount, unit = tables.delay(kind)
        return hours.after(self.now, amount, unit)

    def tell(self, what: str, **words: Any) -> None:
        """A line in the journal."""
        line = {"at": self.now.isoformat(timespec="minutes"), "what": what, **words}
        self._journal.append(json.dumps(line))

    def post(
        self, *, sender: str, kind: str, segments: Sequence[Segment], esi_id: str, reference: str
    ) -> None:
        """Sends a message with the others of this moment, unless a fault befalls it."""
        posted = Posted(kind, segments, reference, esi_id)
        key = f"{kind}|{esi_id or reference}|{self.today}"
        rule = self.faults.find(
            world=self.world, today=self.today, on=kind, key=key, esi_id=esi_id, among=ON_ANSWER
        )
        if rule is None:
            self._put(sender, posted)
            return
        self.tell("fault", fault=rule.do, kind=kind, esi_id=esi_id, reference=reference)
        match rule.do:
            case "late" | "out_of_order":
                default = 24 if rule.do == "out_of_order" else 72
                self._post_later(sender, posted, rule.hours or default)
            case "duplicate":
                self._put(sender, posted)
                self._post_later(sender, posted, rule.hours or 1)
            case "wrong_count":
                self._write(sender, [posted], wrong_counts=True)

    def _post_later(self, sender: str, posted: Posted, after_hours: int) -> None:
        self.world.plan(
            self.now + dt.timedelta(hours=after_hours),
            "post_late",
            sender=sender,
            kind=posted.kind,
            segments=[list(segment) for segment in posted.segments],
            reference=posted.reference,
            esi_id=posted.esi_id,
        )

    def post_late(
        self, *, sender: str, kind: str, segments: list[Segment], reference: str, esi_id: str
    ) -> None:
        """Sends what was kept back; no second fault befalls it."""
        self._put(sender, Posted(kind, segments, reference, esi_id))

    def _put(self, sender: str, posted: Posted) -> None:
        key = sender, posted.kind
        self._batches.setdefault(key, []).append(posted)

    def flush(self) -> None:
        """Makes one interchange for each sender and kind of what was posted at this moment."""
        batches, self._batches = self._batches, {}
        for (sender, _), batch in batches.items():
            self._write(sender, batch)

    def _write(self, sender: str, batch: Sequence[Posted], *, wrong_counts: bool = False) -> None:
        player = tables.players()[sender]
        control = self.world.next_number(f"control-{sender}")
        functional_id = FUNCTIONAL_IDS[batch[0].code]
        test = "T" if self.settings.is_test else ""
        envelope = Envelope(
            isa_sender=player.isa + test,
            isa_receiver=self.settings.retailer_duns + test,
            gs_sender=player.duns,
            gs_receiver=self.settings.retailer_duns,
            functional_id=functional_id,
            control=control,
            is_test=self.settings.is_test,
            made_at=self.now,
        )
        sets = [(posted.code, posted.segments) for posted in batch]
        data = write_interchange(envelope=envelope, sets=sets, wrong_counts=wrong_counts)
        name = f"{self.now:%Y%m%dT%H%MZ}_{sender}_{control:09d}_{batch[0].kind}.edi"
        self._files.append(OutFile(f"{sender}/{FROM_MARKET}/{name}", data))
        if functional_id != "FA":
            until = self.now + dt.timedelta(hours=_ACKNOWLEDGED_WITHIN_HOURS)
            self.world.awaiting[f"{sender}|{functional_id}|{control}"] = until.isoformat()
        for posted in batch:
            self.tell(
                "sent", kind=posted.kind, by=sender, esi_id=posted.esi_id,
                reference=posted.reference, file=f"{sender}/{FROM_MARKET}/{name}",
            )  # fmt: skip

    def add_file(self, *, path: str, data: bytes) -> None:
        """A file that is no message: intervals."""
        self._files.append(OutFile(path, data))

    def finish_file(self, *, player: str, name: str) -> None:
        """An incoming file has been read."""
        self._finished.append((player, name))

    def save(self) -> None:
        """Files, journal, state, then the incoming files aside: broken off, it does it again."""
        self.flush()
        self.folder.write(files=self._files)
        kept = self.world.numbers.get("journal", 0)
        self.folder.append_journal(lines=self._journal, after=kept)
        self.world.numbers["journal"] = kept + len(self._journal)
        self.world.now = self.now.isoformat(timespec="seconds")
        save_world(world=self.world, folder=self.folder.path)
        for player, name in self._finished:
            self.folder.finish(player=player, name=name)
        self._files, self._journal, self._finished = [], [], []


Handler = Callable[..., None]


def play(*, market: Market, until: dt.datetime, handlers: Mapping[str, Handler]) -> None:
    """Follows the agenda up to an instant, saving after each day."""
    saved_on = market.today
    while (due := market.world.next_due()) is not None and due <= until:
        if hours.local_date(due) != saved_on:
            market.save()
            saved_on = hours.local_date(due)
        market.now = max(due, market.now)
        while market.world.next_due() == due:
            what, data = market.world.take()
            handlers[what](market, **data)
        market.flush()
    market.now = max(until, market.now)
    market.save()
