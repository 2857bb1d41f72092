"""What a message says to an order, whatever its syntax: small enough to wait as JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ossrep.kernel.events import to_payload
from ossrep.market.domain.processes.engine import message
from ossrep.market.edi.texas_set.model import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message about an order.

    ``says`` is the word of the process's table (``accept``, ``permit``), ``reference`` the
    sender's own number, ``original_reference`` the number it answers or follows. ``date`` is what
    it is about: scheduled, changed, first or last day. ``counter`` is the iteration counter of a
    date change. ``order_kind`` is ``switch``, ``move_in`` or ``move_out`` where the message says
    so. ``service_point`` is what it tells of the meter, ``details`` what else a process needs.
    """

    kind: str
    reference: str
    esi_id: str
    at: dt.datetime
    says: str = ""
    original_reference: str = ""
    tdsp_code: str = ""
    partner: str = ""
    date: dt.date | None = None
    end_date: dt.date | None = None
    reasons: tuple[Reason, ...] = ()
    counter: str = ""
    order_kind: str = ""
    service_point: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    inbound_set_id: int | None = None

    @property
    def trigger(self) -> str:
        """What it is in a process's table."""
        return message(self.kind, self.says)

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The codes as sent, in order."""
        return tuple(reason.code for reason in self.reasons)

    @property
    def reason_text(self) -> str:
        """Codes and texts as sent, for a person."""
        return "; ".join(f"{r.code} {r.text}".strip() for r in self.reasons)

    def to_json(self) -> dict[str, Any]:
        """As it waits in a row; ``from_json`` is the inverse."""
        payload: dict[str, Any] = to_payload(self)
        return payload

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Arrived:
        """The message of a row."""
        known = {f.name: data[f.name] for f in dataclasses.fields(cls) if f.name in data}
        return cls(
            **{
                **known,
                "at": dt.datetime.fromisoformat(data["at"]),
                "date": _date(data.get("date")),
                "end_date": _date(data.get("end_date")),
                "reasons": tuple(Reason(r["code"], r["text"]) for r in data.get("reasons", ())),
            }
        )


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
