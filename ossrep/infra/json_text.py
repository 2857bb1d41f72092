"""JSON that people write: what a common reader passes over in silence is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_ESCAPES = re.compile(r"\\u(0000|d[89a-f])", re.IGNORECASE)


def load_json(text: str) -> Any:
    """The document in ``text``. Raises ValueError that says what is wrong.

    Refused beside what is no JSON: a name that stands twice in one object (else the last would
    win), NaN and Infinity (no other program would read an answer that repeats them), escapes
    that no database or terminal can hold (NUL, half a surrogate pair), nesting without an end.
    """
    try:
        document = json.loads(
            text, object_pairs_hook=_once, parse_constant=_finite, parse_float=_finite
        )
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    if _ESCAPES.search(text) and any(_NO_TEXT.search(found) for found in _texts(document)):
        raise ValueError("holds a character that is no text: an escape such as \\u0000")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return fields


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word} is no number that can be written again")
    return number


def _texts(document: Any) -> Iterator[str]:
    left = [document]
    while left:
        found = left.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            left += [*found, *found.values()]
        elif isinstance(found, list):
            left += found
