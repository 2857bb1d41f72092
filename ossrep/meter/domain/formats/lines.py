"""Comma-separated lines as arrays of positions, and the bytes that wait for their line's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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

    ``raw`` has ``WORD`` bytes before and after the text, ``buffer`` is the same as uint8.
    ``starts``, ``ends`` int64 (m,) delimit each line without its line feed; ``field_counts``
    (m,); ``separators`` are all commas and line feeds, those of line i from
    ``first_separators[i]`` on.
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

    def __init__(self, *, text: Text, first_line: int) -> None:
        self.raw = text.raw
        self.first_line = first_line
        self.buffer: NDArray[np.uint8] = np.frombuffer(self.raw, dtype=np.uint8)
        content = self.buffer[: text.end]
        is_separator = content == _COMMA
        is_separator |= content == _NEWLINE
        self.separators: NDArray[np.int64] = np.flatnonzero(is_separator)
        at_end = np.flatnonzero(content[self.separators] == _NEWLINE)
        lines = len(at_end)
        self.ends: NDArray[np.int64] = self.separators[at_end]
        self.starts: NDArray[np.int64] = np.concatenate(([WORD], self.ends + 1))[:lines]
        self.first_separators: NDArray[np.int64] = np.concatenate(([0], at_end + 1))[:lines]
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


@dataclass(frozen=True, slots=True)
class Text:
    """Lines inside a buffer: ``raw[WORD:end]``, whole ones; ``WORD`` bytes or more follow.

    Copying is what reading costs, so the bytes are joined once and cut by position.
    """

    raw: bytes
    end: int

    def __bool__(self) -> bool:
        return self.end > WORD


Cut = Callable[[bytes, int], int]
"""Given a buffer and the end of its last whole line, where to stop reading for now."""


class LineFeed:
    """Collects bytes until lines are whole, and hands out what can be read."""

    def __init__(self, *, next_line: int, cut: Cut = lambda raw, end: end) -> None:
        self._rest = b""
        self._cut = cut
        self.next_line = next_line

    def push(self, data: bytes) -> Text:
        """All whole lines there are now, up to where ``cut`` says; the rest waits."""
        raw = _plain(b"".join((_PAD, self._rest, data, _PAD)))
        whole = raw.rfind(b"\n") + 1
        if len(raw) - whole > LINE_BYTES_MAX:
            raise LineTooLong(f"line {self.next_line} or a later one has no end within 64 KiB")
        end = self._cut(raw, whole) if whole > WORD else WORD
        self._rest = raw[end : len(raw) - WORD]
        return Text(raw, end)

    def close(self) -> Text:
        """What is left; its last line may lack the line feed."""
        rest, self._rest = self._rest, b""
        if rest and not rest.endswith(b"\n"):
            rest += b"\n"
        raw = _plain(b"".join((_PAD, rest, _PAD)))
        return Text(raw, len(raw) - WORD)


_PAD = bytes(WORD)


def _plain(raw: bytes) -> bytes:
    # Quotes around cells and carriage returns carry nothing in these files.
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
    return raw.replace(b'"', b"") if b'"' in raw else raw
