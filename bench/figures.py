"""A measured figure, its bar and its aim."""

from __future__ import annotations

from dataclasses import dataclass


class BenchCannotRun(Exception):
    """A bench lacks what it needs (a real Kafka, say); its figures count as not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value.

    ``bar`` must be reached and ``aim`` is wished for; with ``lower_is_better`` both are upper
    limits. ``note`` says what a reader must know: size of the run, how it was measured.
    """

    name: str
    value: float
    unit: str
    bar: float
    aim: float | None = None
    lower_is_better: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """True when the value reaches the bar."""
        return self.value <= self.bar if self.lower_is_better else self.value >= self.bar

    @property
    def aim_met(self) -> bool:
        """True when the value reaches the aim, or there is none."""
        if self.aim is None:
            return True
        return self.value <= self.aim if self.lower_is_better else self.value >= self.aim
