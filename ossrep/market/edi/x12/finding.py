"""Where an interchange begins, and what is to be said of the text around interchanges."""

from __future__ import annotations

import re
from dataclasses import replace

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.header import ISA_SEARCH_MAX, Header, read_header
from ossrep.market.edi.x12.scanning import Window

OUTSIDE_SHOWN_MAX = 40
_WIDE = re.compile(r"\xff\xfe|\xfe\xff|[\r\n\0 ]{0,64}I\0{1,3}S\0{1,3}A")
"""How UTF-16 and UTF-32 begin when each byte is taken for a character."""


def refuse_other_encodings(window: Window) -> None:
    """Raises EdiError for a file in UTF-16 or UTF-32, saying so."""
    window.has(ISA_SEARCH_MAX)
    if _WIDE.match(window.text):
        fault = Fault(
            code="encoding",
            message="the file is written in UTF-16 or UTF-32; X12 has one byte for each character",
            position=0,
            expected="ASCII",
            found="UTF-16 or UTF-32",
        )
        raise EdiError(fault)


def find_header(window: Window) -> tuple[Header | None, list[Fault]]:
    """The next header, consumed, and what is to be said of the text before it.

    Without a header the first fault says why there is none; where nothing but blanks is left
    after an interchange there is nothing to say.
    """
    outside = _Outside(window)
    while True:
        window.has(ISA_SEARCH_MAX + 8)
        start = window.text.find("ISA", window.pos)
        if start < 0:
            # "IS" may be the beginning of a header that the next chunk completes.
            outside.skip(max(window.pos, len(window.text) - 2))
            if window.more():
                continue
            outside.skip(len(window.text))
            return None, outside.faults(is_end=True)
        outside.skip(start)
        window.has(ISA_SEARCH_MAX + 8)
        try:
            header = read_header(window.text, window.pos, base=window.base)
        except EdiError as error:
            outside.refused = outside.refused or error.fault
            outside.skip(window.pos + 3)
            continue
        offset = window.pos
        window.pos = header.end
        return replace(header, end=header.end - offset), outside.faults(is_end=False)


class _Outside:
    """Text that belongs to no interchange, while it is passed over."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._is_file_start = window.offset == 0
        self._position = 0
        self._text = ""
        self.refused: Fault | None = None

    def skip(self, until: int) -> None:
        window = self._window
        passed = window.text[window.pos : until]
        if not self._text:
            bare = passed.lstrip()
            self._position = window.offset + len(passed) - len(bare)
            passed = bare
        # However the bytes come in pieces, the same beginning is shown.
        self._text += passed[: OUTSIDE_SHOWN_MAX - len(self._text)]
        window.pos = until

    def faults(self, *, is_end: bool) -> list[Fault]:
        """An unreadable header, or the text outside; nothing where all was blank."""
        faults = [self.refused] if self.refused else []
        if self._is_file_start and self._text == "\xef\xbb\xbf" and not is_end:
            return [*faults, _byte_order_mark()]
        if self._text and not self.refused:
            is_all = self._is_file_start and is_end
            make = _no_interchange if is_all else _text_outside
            faults.append(make(self._text, self._position))
        if self._is_file_start and is_end and not faults:
            faults.append(_empty())
        return faults


def _byte_order_mark() -> Fault:
    return Fault(
        code="byte_order_mark",
        message="the file begins with a byte order mark",
        position=0,
        rule="X12.5 envelope",
        expected="ISA",
        found="EF BB BF",
    )


def _no_interchange(text: str, position: int) -> Fault:
    return Fault(
        code="no_interchange",
        message="there is no interchange in the file: nothing begins with ISA",
        position=position,
        rule="X12.5 envelope",
        expected="ISA",
        found=text,
    )


def _text_outside(text: str, position: int) -> Fault:
    return Fault(
        code="text_outside",
        message="text stands outside any interchange",
        position=position,
        rule="X12.5 envelope",
        expected="ISA or the end of the file",
        found=text,
    )


def _empty() -> Fault:
    return Fault(
        code="empty",
        message="the file is empty",
        position=0,
        rule="X12.5 envelope",
        expected="an interchange that begins with ISA",
    )
