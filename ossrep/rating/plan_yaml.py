"""Reading a plan file's YAML without losing a digit: no floats, no second key, no references."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import yaml

from ossrep.rating.plan_document import InvalidPlan

TEXT_MAX = 1_000_000
DEPTH_MAX = 20


class _Refused(Exception):
    """A place in the text and what is wrong there."""

    def __init__(self, mark: Any, message: str) -> None:
        super().__init__(message)
        self.path = f"line {mark.line + 1}" if mark is not None else "document"
        self.message = message


class _PlanLoader(yaml.SafeLoader):
    """YAML 1.2's plain types: ``on`` and ``yes`` are words, ``20:00`` is text."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuses references, tags and deep nesting, which a plan never needs."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(event.start_mark, "references (*name) are not allowed")
        if getattr(event, "tag", None) is not None:
            raise _Refused(event.start_mark, "tags (!name) are not allowed")
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise _Refused(event.start_mark, "is nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuses a key that stands twice."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _Refused(key_node.start_mark, "a key must be a plain word")
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise _Refused(key_node.start_mark, f"the key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def load_plan_yaml(text: str) -> dict[str, Any]:
    """The document of a plan file, for ``parse_plan``.

    Numbers with a fraction must be quoted, so that no digit is lost to a float; dates become
    dates. A key that stands twice, a reference, a tag or deep nesting is refused. Raises
    InvalidPlan with the line.
    """
    if len(text) > TEXT_MAX:
        raise InvalidPlan((("document", f"has more than {TEXT_MAX} characters"),))
    try:
        document = _document(text)
    except _Refused as refused:
        raise InvalidPlan(((refused.path, refused.message),)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        path = f"line {mark.line + 1}" if mark is not None else "document"
        raise InvalidPlan(((path, f"is not YAML: {error.problem}"),)) from error
    except yaml.YAMLError as error:
        raise InvalidPlan((("document", f"is not YAML: {error}"),)) from error
    if not isinstance(document, dict):
        raise InvalidPlan((("document", "must be a mapping of fields"),))
    return document


def _document(text: str) -> Any:
    loader = _PlanLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _refuse_float(loader: _PlanLoader, node: yaml.ScalarNode) -> None:
    raise _Refused(node.start_mark, f'write the number in quotes: "{node.value}"')


def _date(loader: _PlanLoader, node: yaml.ScalarNode) -> dt.date:
    try:
        return dt.date.fromisoformat(node.value)
    except ValueError:
        raise _Refused(node.start_mark, f"no such date: {node.value}") from None


def _plain_types() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """By first character, what an unquoted word may be other than text."""
    core = "tag:yaml.org,2002:"
    digits = "0123456789"
    types: tuple[tuple[str, str, str], ...] = (
        ("null", r"(?:~|null|)$", "~n"),
        ("bool", r"(?:true|false)$", "tf"),
        ("int", r"-?(?:0|[1-9][0-9]{0,17})$", f"-{digits}"),
        ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}$", digits),
        ("float", r"[-+]?(?:\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)$", f"-+.{digits}"),
        ("float", r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)$", "-+."),
    )
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name, pattern, firsts in types:
        for first in (*firsts, "") if name == "null" else firsts:
            resolvers.setdefault(first, []).append((core + name, re.compile(pattern)))
    return resolvers


_PlanLoader.yaml_implicit_resolvers = _plain_types()
_PlanLoader.add_constructor("tag:yaml.org,2002:float", _refuse_float)
_PlanLoader.add_constructor("tag:yaml.org,2002:timestamp", _date)
