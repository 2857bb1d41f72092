"""The market's processes as tables; pure. ``engine`` says how a table is read."""

from __future__ import annotations

from collections.abc import Mapping

from ossrep.market.domain.processes.changes import CANCEL, DATE_CHANGE
from ossrep.market.domain.processes.departures import LOSS, MOVE_OUT
from ossrep.market.domain.processes.engine import Process
from ossrep.market.domain.processes.enrollments import MOVE_IN, SWITCH
from ossrep.market.domain.processes.service_agreements import (
    CSA,
    CSA_CHANGE,
    CSA_DELETE,
    CSA_RETURN,
)

# Order of the drawing in docs/market/processes.md. A further process is one more line.
_ALL = (
    SWITCH,
    MOVE_IN,
    CANCEL,
    DATE_CHANGE,
    MOVE_OUT,
    LOSS,
    CSA,
    CSA_CHANGE,
    CSA_DELETE,
    CSA_RETURN,
)

PROCESSES: Mapping[str, Process] = {process.kind: process for process in _ALL}
"""Every process by its kind."""
