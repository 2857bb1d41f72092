"""Comma-separated lines as arrays of positions, and the bytes that wait for their line's end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.errors import DomainError
from ossrep.meter.domain.formats.numbers import WORD

LINE_BYTES_MAX = 64 * 1024

_COMMA, _NEWLINE = ord(","), ord("\n")


class LineTooLong(DomainError):
    """No line end within ``LINE_BYTES_MAX`` bytes: not a file of lines."""

    code = "line_too_long"


class LineTable:
    """Whole lines with the places of their commas and ends.

    ``buffer`` uint8 with ``WORD`` zero bytes before and after the text; ``starts``, ``ends``
    int64 (m,) delimit each line without its line feed; ``field_counts`` (m,); ``separators``
    are all commas and line feeds, those of line i from ``first_separators[i]`` on.
    """

    __slots__ = (
        "buffer",
        "ends",
        "field_counts",
        "first_line",
        "first_separators",
        "raw",
        "separators",
        "starts",
    )

    def __init__(self, *, text: bytes, first_line: int) -> None:
        self.raw = b"".join((bytes(WORD), text, bytes(WORD)))
        self.first_line = first_line
        self.buffer: NDArray[np.uint8] = np.frombuffer(self.raw, dtype=np.uint8)
        is_separator = self.buffer == _COMMA
        is_separator |= self.buffer == _NEWLINE
        self.separators: NDArray[np.int64] = np.flatnonzero(is_separator)
        at_end = np.flatnonzero(self.buffer[self.separators] == _NEWLINE)
        self.ends: NDArray[np.int64] = self.separators[at_end]
        self.starts: NDArray[np.int64] = np.concatenate(([WORD], self.ends[:-1] + 1))[: len(at_end)]
        self.first_separators: NDArray[np.int64] = np.concatenate(([0], at_end[:-1] + 1))[
            : len(at_end)
        ]
        self.field_counts: NDArray[np.int64] = at_end - self.first_separators + 1

    def __len__(self) -> int:
        return len(self.ends)

    def separators_of(self, *, lines: NDArray[np.intp], fields: int) -> NDArray[np.int64]:
        """Shape (len(lines), fields): where each field of the lines ends; all have that many."""
        if len(lines) == len(self) and len(self.separators) == fields * len(self):
            return self.separators.reshape(-1, fields)
        index = self.first_separators[lines][:, None] + np.arange(fields)
        found: NDArray[np.int64] = self.separators[index]
        return found

    def line(self, index: int) -> bytes:
        """The bytes of one line, without its line feed."""
        return self.raw[self.starts[index] : self.ends[index]]

    def number(self, index: int) -> int:
        """The line's number in the file, from 1."""
        return self.first_line + index


class LineFeed:
    """Collects bytes until lines are whole, and counts the lines that were taken."""

    def __init__(self, *, next_line: int) -> None:
        self._rest = b""
        self.next_line = next_line

    def push(self, data: bytes) -> bytes:
        """All whole lines there are now, with line feeds only; the rest waits."""
        text = self._rest + data
        cut = text.rfind(b"\n") + 1
        self._rest = text[cut:]
        if len(self._rest) > LINE_BYTES_MAX:
            raise LineTooLong(f"line {self.next_line} or a later one has no end within 64 KiB")
        return _plain(text[:cut])

    def close(self) -> bytes:
        """What is left, as a last line."""
        rest, self._rest = self._rest, b""
        return _plain(rest + b"\n") if rest else b""

    def keep(self, text: bytes) -> None:
        """Puts whole lines back, to be given again in front of the next ones."""
        self._rest = text + self._rest


def _plain(text: bytes) -> bytes:
    # Quotes around cells and carriage returns carry nothing in these files.
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    return text.replace(b'"', b"") if b'"' in text else text
