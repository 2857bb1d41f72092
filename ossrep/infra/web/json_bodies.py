"""JSON bodies: camelCase outside, snake_case inside, and nothing a hostile body can break.

Refused: names given twice, NaN and infinities, numbers beyond a double, too deep, too large.
Decimals stay exact: numbers with a point are read as Decimal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

BODY_BYTES_MAX = 1_000_000
DEPTH_MAX = 20
NUMBER_LENGTH_MAX = 40
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_UNDERSCORE = re.compile(r"_([a-z0-9])")


class CamelJsonParser(BaseParser):
    """Reads a body of camelCase names into snake_case ones."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body's value. Raises ParseError, which answers 400."""
        view = (parser_context or {}).get("view")
        bytes_max = getattr(view, "body_bytes_max", BODY_BYTES_MAX)
        raw = stream.read(bytes_max + 1)
        if len(raw) > bytes_max:
            raise ParseError(f"a body has at most {bytes_max:,} bytes", code="too_large")
        return to_snake(read_json(raw))


class ExactEncoder(JSONEncoder):
    """Decimals as strings: no digit of money passes through binary floating point."""

    def default(self, obj: Any) -> Any:
        """What JSON has no word for."""
        return str(obj) if isinstance(obj, Decimal) else super().default(obj)


class CamelJsonRenderer(JSONRenderer):
    """Writes snake_case names as camelCase."""

    encoder_class = ExactEncoder

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The answer as UTF-8."""
        found: bytes = super().render(to_camel(data), accepted_media_type, renderer_context)
        return found


def read_json(raw: bytes) -> Any:
    """Strict JSON. Raises ParseError with what is wrong."""
    try:
        text = raw.decode("utf-8")
        _check_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_without_doubles,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
        if _SURROGATE.search(text):
            # A lone half is no character: no database takes it and no answer can repeat it.
            json.dumps(value, ensure_ascii=False, cls=ExactEncoder).encode()
        return value
    except UnicodeEncodeError as error:
        raise ParseError("the body has half a character", code="half_character") from error
    except UnicodeDecodeError as error:
        raise ParseError("the body is not UTF-8", code="not_utf8") from error
    except ValueError as error:
        raise ParseError(f"the body is not JSON: {error}", code="not_json") from error


def _check_depth(text: str) -> None:
    """Counted before parsing, so that a deep body costs no stack; quotes are skipped."""
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        first = found.group()[0]
        if first in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise ParseError(f"the body nests deeper than {DEPTH_MAX}", code="too_deep")
        elif first in "]}":
            depth -= 1


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(f"{name!r} is given twice", code="name_twice")
        found[name] = value
    return found


def _decimal(text: str) -> Decimal:
    if len(text) > NUMBER_LENGTH_MAX:
        raise ParseError("a number is too long", code="number_too_long")
    value = Decimal(text)
    if value and not -308 <= value.adjusted() <= 308:
        raise ParseError("a number is out of range", code="number_out_of_range")
    return value


def _integer(text: str) -> int:
    if len(text) > NUMBER_LENGTH_MAX:
        raise ParseError("a number is too long", code="number_too_long")
    return int(text)


def _refuse_constant(name: str) -> Any:
    raise ParseError(f"{name} is not JSON", code="not_json")


def snake(name: str) -> str:
    """``accountNumber`` as ``account_number``."""
    return _HUMP.sub(lambda m: f"_{m.group(1).lower()}", name)


@lru_cache(maxsize=10_000)
def camel(name: str) -> str:
    """``account_number`` as ``accountNumber``."""
    return _UNDERSCORE.sub(lambda m: m.group(1).upper(), name)


def to_snake(value: Any) -> Any:
    """The value with all names of objects in snake_case; two that become one are refused."""
    if isinstance(value, dict):
        return _without_doubles([(snake(name), to_snake(inner)) for name, inner in value.items()])
    if isinstance(value, list):
        return [to_snake(inner) for inner in value]
    return value


def to_camel(value: Any) -> Any:
    """The value with all names of objects in camelCase."""
    if isinstance(value, Mapping):
        return {camel(str(name)): to_camel(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_camel(inner) for inner in value]
    return value
