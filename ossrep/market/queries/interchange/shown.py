"""One line of what ``market show`` shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing: when, which way (``in``, ``out``, none for our own), what, what became of it.

    ``name`` finds it again (``set:7 in file:3``); ``file`` is the path of the file that holds it
    where it lies in a folder of this machine, else the file's name.
    """

    at: dt.datetime
    what: str
    name: str
    partner: str
    reference: str
    esi_id: str
    state: str
    told: str
    way: str = ""
    file: str = ""
