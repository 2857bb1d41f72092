"""Reads YAML that people write (plans, tariffs, brands) so that every value knows its line.

YAML 1.1 turns ``on`` into true, ``20:00`` into 1200 and ``2026-06-01`` into a date, and lets the
second of two equal keys win. Here words, times and dates stay text, keys are always text, equal
keys are refused, and so are anchors and tags: a file says what it says where it says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ossrep.kernel.errors import DomainError

YAML_BYTES_MAX = 4_000_000
DEPTH_MAX = 30
_TAG = "tag:yaml.org,2002:"
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What escapes can smuggle in and no database or terminal can hold."""


class InvalidYaml(DomainError):
    """A file that cannot be read as the YAML accepted here; ``where`` has file and line."""

    code = "invalid_yaml"


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's content and where each of its values stands.

    ``lines`` maps a field path (``components[2].tiers[0].up_to_kwh``) to a line from 1 on.
    """

    name: str
    text: str
    data: Any
    lines: Mapping[str, int]

    def line_of(self, path: str) -> int:
        """The line of a field, or of the nearest one around it where the field is missing."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 1)

    def where(self, path: str = "") -> str:
        """``plans/flat.yaml:12: components[0].amount_usd``."""
        place = f"{self.name}:{self.line_of(path)}"
        return f"{place}: {path}" if path else place


def read_yaml(*, path: Path) -> YamlFile:
    """A UTF-8 file of one YAML document; ``InvalidYaml`` with file and line where it is not."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= YAML_BYTES_MAX else b""
    except OSError as error:
        raise InvalidYaml(f"cannot be read: {error.strerror}", where=str(path)) from error
    if size > YAML_BYTES_MAX:
        raise InvalidYaml(f"is larger than {YAML_BYTES_MAX} bytes", where=str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidYaml("is not UTF-8", where=f"{path}:{line}") from error
    return parse_yaml(text=text, name=str(path))


def parse_yaml(*, text: str, name: str) -> YamlFile:
    """The document in ``text``: mappings with text keys, lists, text, int, float, bool, None."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        told = ", ".join(filter(None, (error.context, error.problem)))
        raise InvalidYaml(told, where=f"{name}:{line}") from error
    except yaml.YAMLError as error:
        raise InvalidYaml(" ".join(str(error).split()), where=name) from error
    if node is None:
        raise InvalidYaml("is empty", where=name)
    lines: dict[str, int] = {}
    data = _value(node, "", _Reader(name=name, lines=lines))
    return YamlFile(name=name, text=text, data=data, lines=lines)


def dump_yaml(data: Any) -> str:
    """YAML text that reads back as the same data, keys in their given order."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    return text


class _Loader(yaml.SafeLoader):
    """Composes nodes; knows fewer implicit types than YAML 1.1, no anchors, aliases and tags."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refusal(event, "anchors and aliases are not accepted: write the value out")
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace(_TAG, "!!")
            raise _refusal(event, f"tags such as {tag} are not accepted: leave it out")
        if self.depth == DEPTH_MAX:
            raise _refusal(event, f"is nested more than {DEPTH_MAX} levels deep")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _refusal(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


_SIGNED_DIGITS = list("-+0123456789")
for _name, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    # More digits than any count here has stay text, which keeps every one of them.
    ("int", r"^[-+]?[0-9]{1,18}$", _SIGNED_DIGITS),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", [*_SIGNED_DIGITS, "."]),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(_pattern), _first)


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    lines: dict[str, int]

    def refuse(self, node: Node, message: str) -> InvalidYaml:
        return InvalidYaml(message, where=f"{self.name}:{node.start_mark.line + 1}")


def _value(node: Node, path: str, reader: _Reader) -> Any:
    reader.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return dict(_entries(node, path, reader))
    if isinstance(node, SequenceNode):
        return [_value(n, f"{path}[{i}]", reader) for i, n in enumerate(node.value)]
    assert isinstance(node, ScalarNode)
    return _scalar(node, reader)


def _entries(node: MappingNode, path: str, reader: _Reader) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            raise reader.refuse(key_node, "a key must be a plain word")
        key = _text(key_node, reader)
        line = key_node.start_mark.line + 1
        if key in seen:
            raise reader.refuse(key_node, f"{key!r} stands here and in line {seen[key]}")
        seen[key] = line
        child = f"{path}.{key}" if path else key
        reader.lines[child] = line
        yield key, _value(value_node, child, reader)


def _scalar(node: ScalarNode, reader: _Reader) -> Any:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
    return _text(node, reader)


def _text(node: ScalarNode, reader: _Reader) -> str:
    text = str(node.value)
    if _NO_TEXT.search(text):
        raise reader.refuse(node, "holds a character that is no text: an escape such as \\0")
    return text
