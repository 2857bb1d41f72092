"""The envelope of a published fact."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, ClassVar, Protocol
from uuid import UUID


class Event(Protocol):
    """What a published event type offers: a versioned name and the aggregate it belongs to."""

    event_type: ClassVar[str]
    aggregate_type: ClassVar[str]

    @property
    def aggregate_id(self) -> str:
        """The natural owner within which order is kept: an account, an invoice, an ESI ID."""
        ...


@dataclass(frozen=True, slots=True)
class EventEnvelope:
    """One delivered event: who, which, in what order, and its JSON payload."""

    event_id: UUID
    event_type: str
    aggregate_type: str
    aggregate_id: str
    incarnation: int
    seq: int
    payload: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def key(self) -> str:
        """The broker's partition key: one aggregate, one partition."""
        return f"{self.aggregate_type}:{self.aggregate_id}"


def to_payload(value: Any) -> Any:
    """JSON-ready form of an event dataclass: dates ISO, Decimals as strings, tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: to_payload(getattr(value, f.name)) for f in fields}
    if isinstance(value, Mapping):
        return {str(k): to_payload(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_payload(v) for v in value]
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


text_json = encode_basestring
"""The JSON of a text alone, quotes and all."""


def to_json(value: Any) -> str:
    """JSON text of ``to_payload(value)``, many times faster; for the outbox's bulk path.

    Raises TypeError on what JSON cannot say and ValueError on a float that is not finite.
    """
    cls: Any = type(value)
    return _writer_of(cls)(value)


def to_json_texts(values: Sequence[Any]) -> list[str]:
    """``to_json`` of each value; values of one dataclass are written field by field, not one by
    one, at a third of the cost. Raises as ``to_json`` does.
    """
    classes: list[Any] = list(set(map(type, values)))
    names = _field_names(classes[0]) if len(classes) == 1 else ()
    if not names:
        return [to_json(value) for value in values]
    columns = [_texts_of(list(map(attrgetter(name), values))) for name in names]
    return list(map(_form_of(classes[0]).__mod__, zip(*columns, strict=True)))


def _texts_of(column: Sequence[Any]) -> list[str]:
    classes: list[Any] = list(set(map(type, column)))
    if len(classes) != 1:
        return list(map(to_json, column))
    write = _writer_of(classes[0])
    if classes[0] is not dt.date:
        return list(map(write, column))
    dates = {date: write(date) for date in set(column)}
    return [dates[date] for date in column]


@cache
def _writer_of(cls: Any) -> Callable[[Any], str]:
    """How a value of exactly this class is written; a dataclass as a form with a gap a field."""
    names, form = _field_names(cls), _form_of(cls)
    if not names:
        return _WRITERS.get(cls, _encode)

    def write(value: Any) -> str:
        return form % tuple([to_json(getattr(value, name)) for name in names])

    return write


@cache
def _form_of(cls: Any) -> str:
    return "{" + ", ".join(f'"{name}": %s' for name in _field_names(cls)) + "}"


@cache
def _field_names(cls: Any) -> tuple[str, ...]:
    """Empty for what is no dataclass."""
    return tuple(each.name for each in dataclasses.fields(cls)) if _is_dataclass(cls) else ()


def _is_dataclass(cls: Any) -> bool:
    return dataclasses.is_dataclass(cls)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        cls: Any = type(value)
        return {name: getattr(value, name) for name in _field_names(cls)}
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in an event: {value!r}")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain).encode

# Exact types only: what is derived from them may mean to be written otherwise.
_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
    dt.date: lambda date: f'"{date.isoformat()}"',
    dt.datetime: lambda instant: f'"{instant.isoformat()}"',
    Decimal: lambda number: f'"{number}"',
}
