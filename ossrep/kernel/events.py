"""The envelope of a published fact."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
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


def to_json(value: Any) -> str:
    """JSON text of ``to_payload(value)``, several times faster; for the outbox's bulk path.

    Raises TypeError on what JSON cannot say and ValueError on a float that is not finite.
    """
    return _encode(value if not dataclasses.is_dataclass(value) else _fields_of(value))


@cache
def _field_names(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


def _fields_of(value: Any) -> dict[str, Any]:
    cls: Any = type(value)
    return {name: getattr(value, name) for name in _field_names(cls)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields_of(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in an event: {value!r}")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain).encode
