"""Reading documents of named fields: an unknown, missing or senseless field is refused by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.oracle.exact import Refusal

Document = dict[str, Any]
"""A JSON object, or the terms read from one."""

Reader = Callable[[Any, str], Any]
"""Reads a field's value, given its path, or refuses it."""


class Required:
    """The default of a field that has none."""


REQUIRED = Required()


def read_fields(
    document: object, where: str, fields: Mapping[str, tuple[Reader, object]]
) -> Document:
    """Each known field, read or at its default; a default is a value already read."""
    document = read_object(document, where)
    for name in document:
        if name not in fields:
            raise Refusal("unknown_field", f"{where}.{name}", "no field of this name is known here")
    terms: Document = {}
    for name, (reader, default) in fields.items():
        if name in document:
            terms[name] = reader(document[name], f"{where}.{name}")
        elif default is REQUIRED:
            raise Refusal("missing_field", f"{where}.{name}", "this field must be given")
        else:
            terms[name] = default
    return terms


def read_object(value: object, where: str) -> Document:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Refusal("not_an_object", where, "an object of named fields is expected")
    return value


def read_list(value: object, where: str) -> list[Any]:
    """A JSON list."""
    if not isinstance(value, list):
        raise Refusal("not_a_list", where, "a list is expected")
    return value


def read_text(value: object, where: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Refusal("not_a_text", where, "a text is expected")
    return value


def read_flag(value: object, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Refusal("not_a_flag", where, "true or false is expected")
    return value


def read_whole(value: object, where: str) -> int:
    """A whole number, 0 or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refusal("not_a_whole_number", where, "a whole number of 0 or more is expected")
    return value


def one_of(*words: str) -> Reader:
    """A reader of one of a few words."""

    def read(value: object, where: str) -> str:
        if value not in words:
            raise Refusal("unknown_word", where, f"{value!r} is none of {', '.join(words)}")
        return str(value)

    return read


def optional(reader: Reader) -> Reader:
    """A reader that lets null through."""

    def read(value: object, where: str) -> Any:
        return None if value is None else reader(value, where)

    return read


def refuse_repeats(names: list[str], where: str) -> None:
    """Refuse a name that stands twice."""
    for name in names:
        if names.count(name) > 1:
            raise Refusal("repeated", where, f"{name} stands here more than once")
