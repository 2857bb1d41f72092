"""JSON lines of cases in, JSON lines of bills out, one by one and in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from ossrep.billing.domain.quotes import answer
from ossrep.infra.json_text import load_json

LINE_BYTES_MAX = 64 * 2**20


def answer_batch(*, stream: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """An answer for each line; a line that is no JSON answers with its number, the rest go on.

    Empty lines are passed over. A line of more than ``LINE_BYTES_MAX`` bytes is refused whole.
    """
    number = 0
    while raw := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        where = f"{name}:{number}"
        if len(raw) > LINE_BYTES_MAX:
            _skip_line(stream)
            yield _refusal("line_too_long", where, f"has more than {LINE_BYTES_MAX} bytes")
        elif raw.strip():
            yield _answer(raw, where)


def _answer(raw: bytes, where: str) -> dict[str, Any]:
    try:
        document = load_json(raw.decode("utf-8-sig"))
    except ValueError as error:
        return _refusal("not_json", where, f"is not a JSON object on one line: {error}")
    return answer(document)


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LINE_BYTES_MAX)) and not rest.endswith(b"\n"):
        pass


def _refusal(code: str, where: str, message: str) -> dict[str, Any]:
    return {"id": None, "error": {"code": code, "where": where, "message": message}}
