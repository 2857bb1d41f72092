"""The market's processes as tables; pure. ``engine`` says how a table is read."""

from __future__ import annotations

from collections.abc import Mapping

from ossrep.market.domain.processes.changes import CANCEL, DATE_CHANGE
from ossrep.market.domain.processes.departures import LOSS, MOVE_OUT
from ossrep.market.domain.processes.engine import Process
from ossrep.market.domain.processes.enrollments import MOVE_IN, SWITCH
from ossrep.market.domain.processes.notices import (
    HISTORY,
    SUSPENSION,
    TRANSITION_GAIN,
    TRANSITION_LOSS,
)
from ossrep.market.domain.processes.returns import (
    INADVERTENT_GAIN,
    INADVERTENT_LOSS,
    LEFT_IN_HOT,
    RESCISSION,
    RESCISSION_RETURN,
)
from ossrep.market.domain.processes.service_agreements import (
    CSA,
    CSA_CHANGE,
    CSA_DELETE,
    CSA_RETURN,
)
from ossrep.market.domain.processes.service_orders import (
    DISCONNECT,
    HOLD_ADD,
    HOLD_REMOVE,
    RECONNECT,
)
from ossrep.market.domain.processes.upkeep import CUSTOMER_INFORMATION

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
    DISCONNECT,
    RECONNECT,
    HOLD_ADD,
    HOLD_REMOVE,
    SUSPENSION,
    HISTORY,
    CUSTOMER_INFORMATION,
    TRANSITION_GAIN,
    TRANSITION_LOSS,
    INADVERTENT_GAIN,
    INADVERTENT_LOSS,
    RESCISSION,
    RESCISSION_RETURN,
    LEFT_IN_HOT,
)

PROCESSES: Mapping[str, Process] = {process.kind: process for process in _ALL}
"""Every process by its kind."""
