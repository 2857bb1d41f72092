"""The only exception that reading or writing EDI raises."""

from __future__ import annotations

from dataclasses import dataclass

from ossrep.kernel.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a file: where, against which rule, what was expected and found.

    ``position`` counts bytes from the start of the file; ``segment`` counts from 1 within the
    transaction set (ST is 1), or within the file where there is no set; ``element`` from 1.
    ``code`` is stable and short (``set_count``, ``element_missing``, ...).
    """

    code: str
    message: str
    tag: str = ""
    segment: int | None = None
    element: int | None = None
    position: int | None = None
    rule: str = ""
    expected: str = ""
    found: str = ""

    @property
    def where(self) -> str:
        """``REF03, segment 7, byte 412``: as much of it as is known."""
        element = "" if self.element is None else f"{self.element:02d}"
        parts = [f"{self.tag}{element}"] if self.tag else []
        if self.segment is not None:
            parts.append(f"segment {self.segment}")
        if self.position is not None:
            parts.append(f"byte {self.position}")
        return ", ".join(parts)


class EdiError(DomainError):
    """A file, or a transaction in it, does not follow its rules; ``fault`` says where and how."""

    code = "edi_error"

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message, where=fault.where or None)
        self.fault = fault
