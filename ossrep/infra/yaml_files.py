"""Reads YAML that people write (plans, tariffs, brands) so that every value knows its line.

YAML 1.1 turns ``on`` into true, ``20:00`` into 1200 and ``2026-06-01`` into a date, and lets the
second of two equal keys win. Here words, times and dates stay text, keys are always text, equal
keys are refused, and so are anchors: a file says what it says where it says it.
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
_TAG = "tag:yaml.org,2002:"


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
        raise InvalidYaml(str(error.problem or error.context), where=f"{name}:{line}") from error
    except yaml.YAMLError as error:
        raise InvalidYaml(" ".join(str(error).split()), where=name) from error
    except RecursionError as error:
        raise InvalidYaml("is nested too deeply", where=name) from error
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
    """Composes nodes; knows fewer implicit types than YAML 1.1 and no aliases."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not accepted: write the value out",
                problem_mark=mark,
            )
        return super().compose_node(parent, index)


_SIGNED_DIGITS = list("-+0123456789")
for _name, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?[0-9]+$", _SIGNED_DIGITS),
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
        key = str(key_node.value)
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
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
        case tag:
            raise reader.refuse(node, f"the tag {tag!r} is not accepted")
