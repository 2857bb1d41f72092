"""What differs between two plan documents, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NAMES = ("code", "name")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: its path and both values as text, None where one side has no such field."""

    path: str
    before: str | None
    after: str | None


def diff_documents(*, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Fields that were added, removed or changed, in the order of the paths.

    Entries of a list that all have a code or name are matched by it, wherever they stand; their
    order is a field of its own, because a bill prints components in it.
    """
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    paths = [*old, *(path for path in new if path not in old)]
    return [
        Difference(path, old.get(path), new.get(path))
        for path in sorted(paths)
        if old.get(path) != new.get(path)
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, entry in value.items():
            yield from _leaves(entry, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        yield from _list_leaves(value, path)
    else:
        yield path, _text(value)


def _list_leaves(values: list[Any], path: str) -> Iterator[tuple[str, str]]:
    names = _names_of(values)
    if names is None:
        for index, entry in enumerate(values):
            yield from _leaves(entry, f"{path}[{index}]")
        return
    if len(names) > 1:
        yield f"{path} (order)", ", ".join(names)
    for name, entry in zip(names, values, strict=True):
        yield from _leaves(entry, f"{path}[{name}]")


def _names_of(values: list[Any]) -> list[str] | None:
    for field in _NAMES:
        names = [v.get(field) if isinstance(v, Mapping) else None for v in values]
        found = [name for name in names if isinstance(name, str)]
        if len(found) == len(values) == len(set(found)):
            return found
    return None


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "[]" if value == [] else "{}" if value == {} else str(value)
