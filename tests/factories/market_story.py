"""Our market and a played one over the same folders, hour by hour: what a journey is told with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.models import Deadline, Order, OutboxEvent, WorkItem
from ossrep.market.simulator import tables
from ossrep.market.simulator.playing import simulate
from ossrep.market.simulator.premises_file import profile, write_premises
from ossrep.market.simulator.settings import MarketSettings, write_settings
from ossrep.market.simulator.world import Premises
from ossrep.market.usecases.deadlines import run_clock
from ossrep.market.usecases.interchange.import_partners import import_partners
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import fetch
from ossrep.market.usecases.interchange.sending import send
from ossrep.market.usecases.orders.starting import Person
from ossrep.market.usecases.orders.waiting import expire_waiting
from ossrep.market.usecases.orders.wishes import take_enrollment, take_move_out
from ossrep.market.usecases.service_orders.wishes import take_disconnect, take_reconnect
from ossrep.published.billing import DisconnectRequested, ReconnectRequested
from ossrep.published.customer import Address, EnrollmentSubmitted, MoveOutRequested

OURS, OTHERS = "999999999", "888888888"
FIRST_DAY = dt.date(2026, 9, 1)
JANE = Person(name="JANE SAMPLE", phone="2145550100")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A premises in a story, by the name of its part."""

    tdsp: str = "ONCOR_ELEC"
    is_ours: bool = False
    kind: str = "home"
    cycle: str = "19"
    more: tuple[tuple[str, Any], ...] = ()


Act = Callable[["Story", dt.datetime], object]


class Story:
    """Premises by name; acts of ours at their hours; what came of them."""

    def __init__(self, folder: Path, *, cast: dict[str, Role], faults: Sequence[str] = ()) -> None:
        self.folder = folder
        self._faults = folder / "faults.yaml"
        self.esi: dict[str, str] = {}
        rows = [self._premises(name, role, n) for n, (name, role) in enumerate(cast.items())]
        self._rows = {row.esi_id: row for row in rows}
        write_premises(folder=folder, premises=rows)
        settings = MarketSettings(premises=0, starts_on=FIRST_DAY)
        write_settings(folder=folder, settings=settings)
        told = [text.format(**self.esi) for text in faults]
        self._faults.write_text(
            "faults:\n" + "\n".join(f"  - {{{text}}}" for text in told) if told else "faults: []",
            encoding="utf-8",
        )
        self._simulate(FIRST_DAY, 8)
        import_partners(path=folder / "partners.yaml")

    def _premises(self, name: str, role: Role, number: int) -> Premises:
        wires = tables.wires()[role.tdsp]
        town, zip_code = next(iter(wires.towns.items()))
        self.esi[name] = f"{wires.esi_prefix}{number + 1:0{wires.esi_digits - 8}d}"
        is_home = role.kind in ("home", "solar_home")
        values: dict[str, Any] = {
            "esi_id": self.esi[name],
            "tdsp": role.tdsp,
            "street": f"{100 + number} STORY ST",
            "city": town,
            "zip_code": zip_code,
            "meter": f"{wires.reference}{71_000_000 + number}",
            "cycle": role.cycle,
            "kind": role.kind,
            "rate_class": "residential" if is_home else "secondary_above_10kw",
            "load_profile": profile(kind=role.kind, weather=wires.weather),
            "retailer": OURS if role.is_ours else OTHERS,
        }
        return Premises(**values, **dict(role.more))

    def round(self, date: dt.date, hour: int, *acts: Act) -> None:
        """Acts of ours; our files go out, the market answers in the hour, its files come in."""
        now, later = moment(date, hour), moment(date, hour + 1)
        for act in acts:
            act(self, now)
        assert [sent.problem for sent in send(now=now) if sent.problem] == []
        self._simulate(date, hour + 1)
        kept = [stored for _, stored in fetch(now=later)]
        assert [stored for stored in kept if isinstance(stored, DomainError)] == []
        assert {taken.state for taken in process_files(now=later)} <= {"done"}
        run_clock(as_of=later)
        expire_waiting(as_of=later)

    def _simulate(self, date: dt.date, hour: int) -> None:
        simulate(folder=self.folder, until=moment(date, hour), seed=1, faults_file=self._faults)

    def row(self, name: str) -> Premises:
        """The premises of a part."""
        return self._rows[self.esi[name]]

    def orders(self, name: str) -> list[tuple[str, str]]:
        """(kind, state) of the orders of a part, in the order they began."""
        rows = Order.objects.filter(esi_id=self.esi[name]).order_by("pk")
        return list(rows.values_list("kind", "state"))

    def order(self, name: str, kind: str) -> Order:
        """The newest order of a kind."""
        return Order.objects.filter(esi_id=self.esi[name], kind=kind).order_by("-pk")[0]

    def events(self, name: str, *fields: str) -> list[Any]:
        """Events about a part, without ``market.`` and ``.v1``; with some of their fields."""
        rows = OutboxEvent.objects.filter(payload__esi_id=self.esi[name]).order_by("pk")
        found: list[Any] = []
        for row in rows.exclude(event_type__contains="message-queued"):
            word = row.event_type.removeprefix("market.").removesuffix(".v1")
            told = [row.payload[field] for field in fields if field in row.payload]
            found.append((word, *told) if fields else word)
        return found

    def deadlines(self, name: str) -> dict[str, str]:
        """What was awaited of whom, and how that ended: a late one says so."""
        rows = Deadline.objects.filter(esi_id=self.esi[name]).order_by("pk")
        return {
            row.expects: "late" if row.ended_at and row.ended_at > row.due_at else row.state
            for row in rows
        }

    def items(self, name: str, state: str = "open") -> list[str]:
        """Kinds of the work items about a part."""
        rows = WorkItem.objects.filter(esi_id=self.esi[name], state=state).order_by("kind", "pk")
        return list(rows.values_list("kind", flat=True))

    def messages(self, name: str) -> list[str]:
        """What went over the wires about a part: ``> 814_16`` ours, ``< 814_05`` theirs."""
        marks = {"received": ">", "sent": "<"}
        lines = (self.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        return [
            f"{marks[line['what']]} {line['kind']}"
            for line in map(json.loads, lines)
            if line["what"] in marks and line["esi_id"] == self.esi[name]
        ]

    def journal(self, what: str) -> list[dict[str, Any]]:
        """Lines of the played market's journal."""
        lines = (self.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["what"] == what]


def moment(date: dt.date, hour: int) -> dt.datetime:
    """An hour of the market's clock, aware UTC."""
    return dt.datetime.combine(date, dt.time(hour), MARKET_ZONE).astimezone(dt.UTC)


def enroll(name: str, kind: str, date: dt.date | None = None, **more: Any) -> Act:
    """A customer's wish for service at a part's premises."""

    def act(story: Story, now: dt.datetime) -> object:
        row = story.row(name)
        address = Address(
            line1=row.street, line2="", city=row.city, state="TX", zip_code=row.zip_code
        )
        values: dict[str, Any] = {
            "enrollment_id": f"E-{name}",
            "kind": kind,
            "brand_id": 1,
            "account_number": name,
            "esi_id": row.esi_id,
            "tdsp_code": row.tdsp,
            "zip_code": row.zip_code,
            "wanted_date": date,
            "is_priority": False,
            "customer_name": "JANE SAMPLE",
            "contact_name": "JANE SAMPLE",
            "contact_phone": "2145550100",
            "service_address": address,
            "has_special_needs": False,
            "wants_usage_history": False,
        }
        return take_enrollment(enrollment=EnrollmentSubmitted(**{**values, **more}), now=now)

    return act


def move_out(name: str, date: dt.date) -> Act:
    """A customer's wish to leave."""
    return lambda story, now: take_move_out(
        request=MoveOutRequested(
            move_out_id=f"M-{name}",
            contract_id=1,
            account_number=name,
            brand_id=1,
            esi_id=story.esi[name],
            tdsp_code=story.row(name).tdsp,
            wanted_date=date,
            contact_name="JANE SAMPLE",
            contact_phone="2145550100",
        ),
        now=now,
    )


def disconnect(name: str, date: dt.date) -> Act:
    """Billing asks for a disconnect."""
    return lambda story, now: take_disconnect(
        wanted=DisconnectRequested(
            disconnect_id=f"D-{name}",
            account_number=name,
            brand_id=1,
            esi_id=story.esi[name],
            tdsp_code=story.row(name).tdsp,
            wanted_date=date,
            amount_overdue_usd="210.55",
            notice_date=date - dt.timedelta(days=12),
            customer_name="JANE SAMPLE",
            contact_phone="2145550100",
        ),
        now=now,
    )


def reconnect(name: str) -> Act:
    """Billing tells that the debt is paid."""
    return lambda story, now: take_reconnect(
        wanted=ReconnectRequested(disconnect_id=f"D-{name}", esi_id=story.esi[name], reason="paid"),
        now=now,
    )
