"""Refusals of the simulated market."""

from __future__ import annotations

from ossrep.kernel.errors import DomainError


class SimulatorRefused(DomainError):
    """Settings, a faults file or a folder that the simulated market cannot play with."""

    code = "simulator_refused"


class UnreadableFile(DomainError):
    """A file that is no X12 interchange at all; it is laid aside, the others go on."""

    code = "unreadable_file"
