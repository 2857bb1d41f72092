"""Guide tables as files: YAML read into plain mappings, shared segments put in their places.

Every scalar is text, so that a code such as ``NO`` or ``01`` needs no quotes to stay itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from ossrep.kernel.errors import DomainError

GUIDES = Path(__file__).parents[2] / "guides"
SHARED = "shared.yaml"
CONFIDENCES = ("sourced", "inferred", "general", "unsourced")

Plain = str | list["Plain"] | dict[str, "Plain"]
Table = dict[str, Plain]


class GuideError(DomainError):
    """A guide table is wrong; nothing can be read or written until it is mended."""

    code = "guide_error"


def load_table(kind: str) -> Table:
    """The table of a kind, shared segments put in; ``GuideError`` where there is none."""
    return splice(load_file(f"{kind}.yaml"), load_file(SHARED), where=f"{kind}.yaml")


@lru_cache(maxsize=64)
def load_file(name: str) -> Table:
    """One file of the folder as it stands; treat it as read-only."""
    path = GUIDES / name
    try:
        loaded = yaml.load(path.read_bytes(), yaml.CBaseLoader)  # noqa: S506  only text comes out
    except FileNotFoundError:
        raise GuideError("there is no such guide table", where=name) from None
    except yaml.YAMLError as error:
        raise GuideError(f"not readable as YAML: {error}", where=name) from None
    if not isinstance(loaded, dict):
        raise GuideError("a guide table is a mapping", where=name)
    return loaded


def splice(table: Table, shared: Table, *, where: str) -> Table:
    """``table`` with every ``use: NAME`` replaced by the shared segments of that name."""
    return {**table, "segments": _splice_all(table.get("segments", []), shared, where)}


def _splice_all(nodes: Plain, shared: Table, where: str) -> Plain:
    spliced: list[Plain] = []
    for number, node in enumerate(sequence(nodes, where=where), start=1):
        here = f"{where} segment {number}"
        entry = mapping(node, where=here)
        if "use" in entry:
            spliced += _used(entry, shared, here)
        else:
            spliced.append(_with_children(entry, shared, here))
    return spliced


def _used(entry: Table, shared: Table, where: str) -> list[Plain]:
    name = text(entry["use"], where=where)
    if name not in shared:
        raise GuideError(f"no shared segment is called {name!r}", where=where)
    found = _splice_all(shared[name], shared, f"{SHARED} {name}")
    changes = {key: value for key, value in entry.items() if key != "use"}
    nodes = [mapping(node, where=where) for node in sequence(found, where=where)]
    if not changes:
        return list(nodes)
    if len(nodes) != 1:
        raise GuideError(f"{name!r} is several segments; changes fit a single one", where=where)
    return [_with_children(_changed(nodes[0], changes, where), shared, where)]


def _changed(node: Table, changes: Table, where: str) -> Table:
    """Elements change one by one, everything else as a whole."""
    elements = dict(mapping(node.get("elements", {}), where=where))
    for index, change in mapping(changes.get("elements", {}), where=where).items():
        elements[index] = change
    return {**node, **changes, "elements": elements}


def _with_children(entry: Table, shared: Table, where: str) -> Table:
    if "children" not in entry:
        return entry
    return {**entry, "children": _splice_all(entry["children"], shared, where)}


def mapping(value: Plain, *, where: str) -> Table:
    """``value`` as a mapping, or ``GuideError``."""
    if not isinstance(value, dict):
        raise GuideError(f"expected a mapping, not {value!r}", where=where)
    return value


def sequence(value: Plain, *, where: str) -> Sequence[Plain]:
    """``value`` as a list, or ``GuideError``."""
    if not isinstance(value, list):
        raise GuideError(f"expected a list, not {value!r}", where=where)
    return value


def text(value: Plain, *, where: str) -> str:
    """``value`` as text, or ``GuideError``."""
    if not isinstance(value, str):
        raise GuideError(f"expected text, not {value!r}", where=where)
    return value


def number(value: Plain, *, where: str) -> int:
    """``value`` as a whole number from 0, or ``GuideError``."""
    found = text(value, where=where)
    if not found.isdecimal():
        raise GuideError(f"expected a whole number, not {found!r}", where=where)
    return int(found)


def yes(table: Mapping[str, Plain], key: str, *, where: str) -> bool:
    """Whether ``key`` is ``true``; absent is not."""
    found = table.get(key, "false")
    if found not in ("true", "false"):
        raise GuideError(f"{key} must be true or false, not {found!r}", where=where)
    return found == "true"
