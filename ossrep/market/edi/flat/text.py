"""Bytes of a flattened file to its lines."""

from __future__ import annotations

from collections.abc import Iterator

from ossrep.market.edi.errors import EdiError, Fault

LINES_MAX = 5_000_000
_LINE_MAX = 100_000


def read_lines(data: bytes, layout: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered from 1.

    UTF-8, or Latin-1 where a name has an accent of that; ``EdiError`` for what is no text.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data:
        raise EdiError(
            file_fault("flat_text", "the file is not text in UTF-8", rule=f"{layout} layout")
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if number > LINES_MAX or len(line) > _LINE_MAX:
            raise EdiError(
                file_fault("flat_size", "the file or a line of it is too long", line=number)
            )
        if line.strip():
            yield number, line


def file_fault(
    code: str, message: str, *, rule: str = "", line: int | None = None, found: str = ""
) -> Fault:
    """A fault of the file, not of one document."""
    where = "" if line is None else f"line {line}: "
    return Fault(code=code, message=f"{where}{message}", segment=line, rule=rule, found=found[:80])
