"""From chunks of bytes to segments and transaction sets, one at a time, in bounded memory.

Every byte becomes one character (Latin-1), so a place in the text is a place in the file and
nothing is lost in writing it back. Segments are cut by ``split``, a whole set at once; only a
set that looks odd is gone through piece by piece to say what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.x12.header import ISA_LENGTH
from ossrep.market.edi.x12.model import Segment, Separators, TransactionSet
from ossrep.market.edi.x12.syntax import SegmentRules, check_set, inspect_set

REFILL_BYTES = 1 << 16
"""Smaller chunks are gathered to this before the window moves, or moving would cost too much."""
SET_BYTES_MAX = 8 << 20
"""A larger transaction set is not held in memory: its head stays, with a fault."""
SEGMENT_BYTES_MAX = 1 << 16
"""An envelope segment longer than this has lost its terminator."""


_TORN = re.compile(r"ISA([^A-Za-z0-9\s])[0-9]{2}\1.{10}\1[0-9]{2}\1.{10}\1", re.DOTALL)
"""How the header of another interchange looks in the middle of a segment."""


class Window:
    """The part of a stream that is looked at: ``text`` from ``pos`` on is not yet consumed."""

    __slots__ = ("_chunks", "base", "has_controls", "pos", "text")

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.text = ""
        self.base = 0
        self.pos = 0
        self.has_controls = False

    @property
    def offset(self) -> int:
        """The byte of the stream at which ``pos`` stands."""
        return self.base + self.pos

    def more(self) -> bool:
        """Forgets what is consumed and takes more; ``pos`` becomes 0. False at the end."""
        taken: list[bytes] = []
        size = 0
        while size < REFILL_BYTES:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            taken.append(chunk)
            size += len(chunk)
        data = b"".join(taken) if len(taken) != 1 else taken[0]
        if not self.has_controls:
            self.has_controls = _has_controls(data)
        self.base += self.pos
        self.text = self.text[self.pos :] + data.decode("latin-1")
        self.pos = 0
        return size > 0

    def has(self, count: int) -> bool:
        """Takes more until ``count`` characters stand after ``pos``; False where none are left."""
        while len(self.text) - self.pos < count:
            if not self.more():
                return False
        return True


def _has_controls(data: bytes) -> bool:
    """True where a control character other than CR and LF stands."""
    values = np.frombuffer(data, dtype=np.uint8)
    controls = np.count_nonzero(values < 0x20) + np.count_nonzero(values == 0x7F)
    return bool(controls != data.count(b"\n") + data.count(b"\r"))


class Unit:
    """One segment of the envelope, with its place; ``is_whole`` is False without terminator."""

    __slots__ = ("is_whole", "offset", "segment")

    def __init__(self, segment: Segment, offset: int, is_whole: bool) -> None:
        self.segment = segment
        self.offset = offset
        self.is_whole = is_whole


class Scanner:
    """Cuts what follows a header into envelope segments and whole transaction sets."""

    def __init__(self, window: Window, separators: Separators) -> None:
        self._window = window
        self.separators = separators
        element, terminator = re.escape(separators.element), re.escape(separators.terminator)
        self._element = separators.element
        self._terminator = separators.terminator
        self._set_start = "ST" + separators.element
        self._edge = re.compile(rf"{terminator}[\r\n]*+(SE|ST|GE|GS|IEA|ISA){element}")
        self._line_ends = "".join({"\r", "\n"} - {separators.terminator})
        self._rules = SegmentRules(separators)

    def take(self) -> Unit | TransactionSet | None:
        """The next set or envelope segment; None before a header and at the end of the stream."""
        window = self._window
        self._skip_line_ends()
        if not window.has(4) and window.pos == len(window.text):
            return None
        text, pos = window.text, window.pos
        if text.startswith(self._set_start, pos):
            return self._take_set()
        if text.startswith("ISA", pos) and not text[pos + 3 : pos + 4].isalnum():
            return None
        return self._take_segment()

    def take_line_ends(self) -> str:
        """The line ends that stand here, consumed."""
        window = self._window
        start = window.offset
        before = ""
        while True:
            text, pos = window.text, window.pos
            while pos < len(text) and text[pos] in self._line_ends:
                pos += 1
            before += text[window.pos : pos]
            window.pos = pos
            if pos < len(text) or not window.more() or window.offset - start > SEGMENT_BYTES_MAX:
                return before

    def _skip_line_ends(self) -> None:
        window = self._window
        while True:
            text, pos, size = window.text, window.pos, len(window.text)
            while pos < size and text[pos] in self._line_ends:
                pos += 1
            window.pos = pos
            if pos < size or not window.more():
                return

    def _take_segment(self) -> Unit:
        window = self._window
        size = 0
        while (end := window.text.find(self._terminator, window.pos + size)) < 0:
            size = len(window.text) - window.pos
            if size > SEGMENT_BYTES_MAX or not window.more():
                break
        is_whole = end >= 0
        text, pos = window.text, window.pos
        raw = text[pos : end if is_whole else pos + SEGMENT_BYTES_MAX]
        offset = window.offset
        cut = self._header_inside(raw)
        if cut:
            raw, is_whole = raw[:cut], False
        window.pos = pos + len(raw) + is_whole
        return Unit(raw.split(self._element), offset, is_whole)

    def _take_set(self) -> TransactionSet:
        """A set from ST to SE, or to whatever shows that its SE is missing."""
        window = self._window
        end, is_closed = self._find_set_end()
        text, pos = window.text, window.pos
        if end < 0:
            return self._skip_long_set()
        body = text[pos:end]
        offset = window.offset
        # After a header a group follows and shows the set to be open, unless SE itself was torn.
        is_torn = not is_closed or end - text.rfind("SE", pos, end) > ISA_LENGTH
        cut = self._header_inside(body) if is_torn else 0
        if cut:
            body = body[:cut]
        window.pos = pos + len(body)
        is_whole = not cut and text.startswith(self._terminator, end)
        window.pos += is_whole
        return self._set_from(body, offset, is_closed=is_closed, is_whole=is_whole)

    def _find_set_end(self) -> tuple[int, bool]:
        """Where the set's last terminator stands, and whether SE is there; -1: too long."""
        window = self._window
        scan = 3
        while True:
            found = self._edge.search(window.text, window.pos + scan)
            if found is not None and found[1] != "SE":
                return found.start(), False
            if found is not None:
                tail = window.text.find(self._terminator, found.start(1))
                if tail >= 0:
                    return (tail if tail - window.pos <= SET_BYTES_MAX else -1), True
                scan = found.start() - window.pos
            else:
                last = window.text.rfind(self._terminator, window.pos + scan)
                scan = (last if last >= 0 else len(window.text)) - window.pos
            if len(window.text) - window.pos > SET_BYTES_MAX:
                return -1, False
            if not window.more():
                end = len(window.text.rstrip(self._line_ends))
                return end - window.text.endswith(self._terminator, 0, end), found is not None

    def _set_from(
        self, body: str, offset: int, *, is_closed: bool, is_whole: bool
    ) -> TransactionSet:
        faults: list[Fault] = []
        segments = None if self._window.has_controls else self._rules.split_plain(body)
        if segments is None:
            segments, faults = inspect_set(body, offset, self._rules)
        faults += check_set(segments, offset, len(body), is_closed=is_closed)
        head = segments[0]
        return TransactionSet(
            head[1] if len(head) > 1 else "",
            head[2] if len(head) > 2 else "",
            segments,
            offset,
            tuple(faults),
            len(body) + is_whole,
        )

    def _skip_long_set(self) -> TransactionSet:
        """Passes over a set beyond the limit, keeping its ST and the fault."""
        window = self._window
        offset = window.offset
        first = window.text.find(self._terminator, window.pos)
        limit = window.pos + SEGMENT_BYTES_MAX
        head = window.text[window.pos : min(first, limit) if first >= 0 else limit]
        while True:
            found = self._edge.search(window.text, window.pos)
            if found is not None:
                window.pos = found.start(1)
                break
            # What may be the beginning of an edge stays.
            window.pos = max(window.pos, len(window.text) - 8)
            if not window.more():
                window.pos = len(window.text)
                break
        if found is not None and found[1] == "SE":
            self._take_segment()
        segment = head.split(self._element)
        fault = Fault(
            code="set_too_long",
            message=f"the transaction set has more than {SET_BYTES_MAX:,} bytes",
            tag="ST",
            segment=1,
            position=offset,
            rule="limit of this reader",
            expected=f"at most {SET_BYTES_MAX:,} bytes",
            found=f"{window.offset - offset:,} bytes",
        )
        code, number = [*segment[1:3], "", ""][:2]
        length = window.offset - offset
        return TransactionSet(code, number, [segment], offset, (fault,), length)

    def _header_inside(self, raw: str) -> int:
        """Where another interchange begins in the middle of a torn segment; 0: nowhere."""
        found = _TORN.search(raw, 1)
        return found.start() if found else 0
