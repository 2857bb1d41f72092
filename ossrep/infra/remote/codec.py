"""JSON of the published language, from the type hints of its dataclasses; exact both ways.

Decimals and dates are text; fields of dataclasses have camelCase names; a mapping whose keys are
not text is a list of pairs; numbers in columns (numpy) are base64 of their little-endian bytes, so
that a million intervals cost no more than their size. Keys of free documents stay as they are.
"""

from __future__ import annotations

import base64
import binascii
import collections.abc
import dataclasses
import datetime as dt
import enum
import types
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Literal, NewType, NoReturn, Union, get_args, get_origin, get_type_hints

import numpy as np

from ossrep.infra.remote.free_values import free_value, read_free_value
from ossrep.infra.web.json_bodies import camel
from ossrep.kernel.errors import DomainError

Convert = Callable[[Any], Any]
_LISTS = (list, collections.abc.Sequence, collections.abc.Collection, collections.abc.Iterable)
_SETS = (frozenset, set, collections.abc.Set)
_MAPPINGS = (dict, collections.abc.Mapping)


class BadValue(DomainError):
    """A value that is not of the type that the Protocol says; ``where`` is its place."""

    code = "bad_value"

    def inside(self, place: str | int) -> BadValue:
        """The same, seen from the value around it."""
        here = f"[{place}]" if isinstance(place, int) else place
        inner = self.where or ""
        joined = f"{here}{inner}" if inner.startswith("[") or not inner else f"{here}.{inner}"
        return BadValue(self.message, where=joined)


class UnknownField(BadValue):
    """A field that the dataclass here does not have: the other side speaks another version."""

    code = "unknown_argument"

    def inside(self, place: str | int) -> BadValue:
        """The same, seen from the value around it."""
        return UnknownField(self.message, where=super().inside(place).where)


class NotOverHttp(DomainError):
    """A path of a file means something on its own machine only."""

    code = "argument_not_over_http"


class HintNotSupported(TypeError):
    """A published method has a type that no JSON is defined for; mend the Protocol."""


@cache
def writer(hint: Any) -> Convert:
    """The function that makes JSON-ready values of that type."""
    return _coder(hint, True).write


@cache
def reader(hint: Any, *, is_strict: bool) -> Convert:
    """The function that reads them back. It raises BadValue; when strict, UnknownField as well."""
    return _coder(hint, is_strict).read


@dataclasses.dataclass(frozen=True, slots=True)
class _Coder:
    write: Convert
    read: Convert


def _coder(hint: Any, is_strict: bool) -> _Coder:
    if isinstance(hint, NewType):
        return _coder(hint.__supertype__, is_strict)
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _optional(hint, parts, is_strict)
    if origin is Literal:
        return _Coder(_same, _one_of(parts))
    if origin is np.ndarray:
        return _array(np.dtype(get_args(parts[1])[0]))
    if origin is tuple and not (len(parts) == 2 and parts[1] is Ellipsis):
        return _fixed_tuple([_coder(part, is_strict) for part in parts])
    if origin is tuple or origin in _LISTS or origin in _SETS:
        kind: Any = tuple if origin is tuple else list if origin in _LISTS else frozenset
        return _many(_coder(parts[0], is_strict), kind)
    if origin in _MAPPINGS:
        return _mapping(parts[0], [_coder(part, is_strict) for part in parts])
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _Coder(lambda value: value.value, _converted(hint, f"one of {hint.__name__}"))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, is_strict)
    raise HintNotSupported(f"{hint!r} has no JSON")


def _same(value: Any) -> Any:
    return value


def _exactly(kind: type, name: str) -> Convert:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise BadValue(f"must be {name}")
        return value

    return read


def _converted(convert: Callable[[Any], Any], name: str) -> Convert:
    def read(value: Any) -> Any:
        try:
            return convert(value)
        except (ValueError, TypeError, InvalidOperation) as error:
            raise BadValue(f"must be {name}") from error

    return read


def _one_of(values: Sequence[Any]) -> Convert:
    def read(value: Any) -> Any:
        if value not in values:
            raise BadValue(f"must be one of {', '.join(map(repr, values))}")
        return value

    return read


def _read_decimal(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise TypeError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    return number


def _read_float(value: Any) -> float:
    # The strict reader of a call's body gives numbers with a point as Decimal.
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    return float(value)


def _read_instant(value: Any) -> dt.datetime:
    instant = dt.datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError
    return instant


def _refuse_path(value: Any) -> NoReturn:
    raise NotOverHttp(
        "a file's path is not sent to another process; read the file where that context runs"
    )


_PLAIN: dict[Any, _Coder] = {
    str: _Coder(_same, _exactly(str, "text")),
    int: _Coder(int, _exactly(int, "a whole number")),
    float: _Coder(float, _converted(_read_float, "a number")),
    bool: _Coder(bool, _exactly(bool, "true or false")),
    type(None): _Coder(_same, _exactly(type(None), "null")),
    None: _Coder(_same, _exactly(type(None), "null")),
    Decimal: _Coder(str, _converted(_read_decimal, "a decimal in text")),
    dt.date: _Coder(dt.date.isoformat, _converted(dt.date.fromisoformat, "a date")),
    dt.datetime: _Coder(
        dt.datetime.isoformat, _converted(_read_instant, "an instant with its offset")
    ),
    Path: _Coder(_refuse_path, _refuse_path),
    Any: _Coder(free_value, _converted(read_free_value, "a value as free_values writes it")),
}


def _optional(hint: Any, parts: Sequence[Any], is_strict: bool) -> _Coder:
    rest = [part for part in parts if part is not type(None)]
    if len(rest) != 1:
        raise HintNotSupported(f"{hint!r} is neither one type nor null")
    inner = _coder(rest[0], is_strict)
    return _Coder(
        lambda value: None if value is None else inner.write(value),
        lambda value: None if value is None else inner.read(value),
    )


def _many(inner: _Coder, kind: Callable[[Any], Any]) -> _Coder:
    def read(value: Any) -> Any:
        return kind(_read_items(_list(value), inner.read))

    if inner.write is _same:
        return _Coder(list, read)
    return _Coder(lambda value: [inner.write(item) for item in value], read)


def _read_items(items: list[Any], read: Convert) -> list[Any]:
    found = []
    try:
        for item in items:
            found.append(read(item))
    except BadValue as error:
        raise error.inside(len(found)) from error
    return found


def _list(value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise BadValue("must be a list" if length is None else f"must be a list of {length}")
    return value


def _fixed_tuple(coders: Sequence[_Coder]) -> _Coder:
    def read(value: Any) -> Any:
        places = enumerate(zip(coders, _list(value, len(coders)), strict=True))
        return tuple([_placed(coder.read, item, place) for place, (coder, item) in places])

    return _Coder(
        lambda value: [coder.write(item) for coder, item in zip(coders, value, strict=True)], read
    )


def _placed(read: Convert, value: Any, place: str | int) -> Any:
    try:
        return read(value)
    except BadValue as error:
        raise error.inside(place) from error


def _mapping(key_hint: Any, coders: Sequence[_Coder]) -> _Coder:
    inner = coders[1]
    while isinstance(key_hint, NewType):
        key_hint = key_hint.__supertype__
    if key_hint is not str:
        pairs = _many(_fixed_tuple(coders), list)
        return _Coder(
            lambda value: pairs.write(value.items()), lambda value: dict(pairs.read(value))
        )

    def read(value: Any) -> Any:
        return {name: _placed(inner.read, item, name) for name, item in _object(value).items()}

    return _Coder(lambda value: {name: inner.write(item) for name, item in value.items()}, read)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadValue("must be an object")
    return value


def _array(dtype: np.dtype[Any]) -> _Coder:
    wire = dtype.newbyteorder("<")

    def write(value: Any) -> Any:
        raw = np.ascontiguousarray(value, dtype=wire)
        return {
            "dtype": wire.str,
            "shape": list(raw.shape),
            "base64": base64.b64encode(raw.data).decode("ascii"),
        }

    def read(value: Any) -> Any:
        parts = _object(value)
        if parts.get("dtype") != wire.str:
            raise BadValue(f"must be an array of {wire.str}")
        try:
            raw = base64.b64decode(parts["base64"], validate=True)
            return np.frombuffer(raw, dtype=wire).astype(dtype, copy=True).reshape(parts["shape"])
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise BadValue("must be an array with dtype, shape and base64 that fit") from error

    return _Coder(write, read)


def _dataclass(hint: type[Any], is_strict: bool) -> _Coder:
    hints = get_type_hints(hint)
    fields = dataclasses.fields(hint)
    coders = [(f.name, camel(f.name), _coder(hints[f.name], is_strict)) for f in fields]
    needed = {
        camel(f.name)
        for f in fields
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }
    known = {shown for _, shown, _ in coders}

    def write(value: Any) -> Any:
        return {shown: coder.write(getattr(value, name)) for name, shown, coder in coders}

    def read(value: Any) -> Any:
        given = _object(value)
        if missing := needed - given.keys():
            raise BadValue(f"{min(missing)} is missing")
        if is_strict and (unknown := given.keys() - known):
            raise UnknownField("there is no such field", where=min(unknown))
        return hint(
            **{
                name: _placed(coder.read, given[shown], shown)
                for name, shown, coder in coders
                if shown in given
            }
        )

    return _Coder(write, read)
