"""What the 814s have in common: head, answer, service point and meters."""

from __future__ import annotations

from dataclasses import dataclass

from ossrep.market.edi.texas_set.model import ERCOT, Contact, Party, Reason, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Transaction):
    """What every 814 through ERCOT carries.

    ``order_type`` (BGN07) says more of the order: ``IA`` inadvertent, ``CR`` rescission, ``PT``
    permit, ``09`` unexecutable, ``TS`` mass transition, ``AQ`` acquisition, or nothing.
    ``service`` is what is asked for or answered: ``SW`` switch, ``MVI`` move-in, ``MVO`` move-out
    (LIN07 or LIN09). ``line_id`` is the sender's own; ``membership_id`` that of a co-operative.
    """

    ercot: Party | None = ERCOT
    order_type: str = ""
    line_id: str = "1"
    service: str = ""
    membership_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Registration):
    """An 814 that answers: ``action`` (ASI01) is ``WQ`` accepted or ``U`` rejected.

    ``change`` (ASI02) is what it answers: ``021`` add, ``002`` delete, ``001`` change. A rejection
    has one or more ``rejects`` (REF*7G), codes and texts as sent.
    """

    action: str
    change: str = ""
    rejects: tuple[Reason, ...] = ()
    statuses: tuple[Reason, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the answer is yes; codes other than ``WQ`` are not."""
        return self.action == "WQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialNeeds:
    """REF*SU: whether the premises has special needs, and of which kind (``CCCT``, ``CRCT``)."""

    is_needed: bool | None
    status: str = ""


@dataclass(frozen=True, slots=True)
class OfRegister:
    """A value of one register of a meter, which its type (``KHMON``) names; empty: of all."""

    value: str
    meter_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One meter of a service point (NM1*MQ loop); ``number`` may be NONE or UNMETERED."""

    number: str
    meter_types: tuple[OfRegister, ...] = ()
    multipliers: tuple[OfRegister, ...] = ()
    dials: tuple[OfRegister, ...] = ()
    times_of_use: tuple[OfRegister, ...] = ()
    roles: tuple[OfRegister, ...] = ()
    load_profile: str = ""
    rate_class: str = ""
    rate_subclass: str = ""
    read_cycle: str = ""
    ams_indicator: str = ""
    unmetered_types: tuple[Reason, ...] = ()
    metered_services: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointNotice(Registration):
    """What the wires company tells of a service point, its meters included."""

    customer: Contact | None = None
    special_needs: SpecialNeeds | None = None
    station: str = ""
    loss_factor: str = ""
    premise_type: str = ""
    has_switch_hold: bool | None = None
    meters: tuple[Meter, ...] = ()
