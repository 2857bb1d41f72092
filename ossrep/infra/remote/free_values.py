"""Values of no fixed type (a plan's document): plain JSON, and a tag where JSON has no word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

_TAG = "$"
_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    Decimal: ("decimal", str),
    dt.date: ("date", dt.date.isoformat),
    dt.datetime: ("instant", dt.datetime.isoformat),
    tuple: ("tuple", lambda value: [free_value(item) for item in value]),
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "instant": dt.datetime.fromisoformat,
    "tuple": lambda value: tuple([read_free_value(item) for item in value]),
    "object": lambda value: {name: read_free_value(item) for name, item in value.items()},
}


def free_value(value: Any) -> Any:
    """JSON-ready; raises TypeError on what has no form."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [free_value(item) for item in value]
    if isinstance(value, Mapping):
        found = {str(name): free_value(item) for name, item in value.items()}
        return {_TAG: "object", "value": found} if _TAG in found else found
    if type(value) not in _WRITERS:
        raise TypeError(f"{type(value).__name__} has no form between processes: {value!r}")
    tag, write = _WRITERS[type(value)]
    return {_TAG: tag, "value": write(value)}


def read_free_value(value: Any) -> Any:
    """The value again; raises ValueError or TypeError on what nobody wrote so."""
    if isinstance(value, list):
        return [read_free_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {name: read_free_value(item) for name, item in value.items()}
    if set(value) != {_TAG, "value"} or value[_TAG] not in _READERS:
        raise ValueError("an unknown tag")
    return _READERS[value[_TAG]](value["value"])
