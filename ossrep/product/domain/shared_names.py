"""Shared calendars and holiday lists that a plan names, written into its document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["calendar", "holidays"]


@dataclass(frozen=True, slots=True)
class SharedVersion:
    """One version of a shared definition, as plans take it."""

    kind: Kind
    name: str
    version: int
    definition: Any


@dataclass(frozen=True, slots=True)
class ResolvedDocument:
    """A document that stands alone, and the shared versions that went into it."""

    document: dict[str, Any]
    taken: tuple[SharedVersion, ...]


def resolve_shared_names(
    *, document: Mapping[str, Any], shared: Mapping[tuple[Kind, str], SharedVersion]
) -> ResolvedDocument:
    """The document with every shared definition it names; what it names itself goes first.

    Names that nobody defines are left as they are: reading the plan refuses them.
    """
    calendars = dict(document.get("calendars") or {})
    holidays = dict(document.get("holidays") or {})
    taken: list[SharedVersion] = []
    for name in _calendar_names(document):
        _take(shared, ("calendar", name), calendars, taken)
    for name in _holiday_names(document, calendars):
        _take(shared, ("holidays", name), holidays, taken)
    resolved = dict(document)
    if calendars:
        resolved["calendars"] = calendars
    if holidays:
        resolved["holidays"] = holidays
    return ResolvedDocument(resolved, tuple(taken))


def _take(
    shared: Mapping[tuple[Kind, str], SharedVersion],
    key: tuple[Kind, str],
    own: dict[str, Any],
    taken: list[SharedVersion],
) -> None:
    name = key[1]
    if name not in own and key in shared:
        own[name] = shared[key].definition
        taken.append(shared[key])


def _components(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    components = document.get("components")
    for component in components if isinstance(components, list) else ():
        if isinstance(component, Mapping):
            yield component


def _calendar_names(document: Mapping[str, Any]) -> Iterator[str]:
    for component in _components(document):
        if isinstance(component.get("calendar"), str):
            yield component["calendar"]


def _holiday_names(document: Mapping[str, Any], calendars: Mapping[str, Any]) -> Iterator[str]:
    for place in (*_components(document), *calendars.values()):
        for field in ("holidays", "free_holidays"):
            if isinstance(place, Mapping) and isinstance(place.get(field), str):
                yield place[field]
