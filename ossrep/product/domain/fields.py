"""Judging the fields of a file: every problem is collected with its path, none stops the rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.kernel.errors import DomainError

PROBLEMS_MAX = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the path of the field and what to mend."""

    path: str
    message: str


class InvalidFile(DomainError):
    """A file refused as a whole; the message has one line for each problem, in their order.

    ``locate`` gives file, line and path of a field, ``line_of`` the line alone.
    """

    code = "invalid_file"

    def __init__(
        self,
        problems: Sequence[Problem],
        *,
        locate: Callable[[str], str],
        line_of: Callable[[str], int] = lambda path: 0,
    ) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: line_of(problem.path)))
        lines = [f"{locate(p.path)}: {p.message}" for p in self.problems[:PROBLEMS_MAX]]
        if len(self.problems) > PROBLEMS_MAX:
            lines.append(f"and {len(self.problems) - PROBLEMS_MAX} more")
        super().__init__("\n".join(lines))


class Fields:
    """The fields of one mapping at ``path``; what does not fit goes to ``problems``.

    Each reading method returns a value of its type even after a problem, so that one pass tells
    all problems; the caller must look at ``problems`` before it uses anything.
    """

    def __init__(
        self,
        data: Any,
        *,
        path: str,
        problems: list[Problem],
        required: Sequence[str],
        optional: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.problems = problems
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.refuse("", f"must be a mapping with the fields {', '.join(required)}")
            return
        for name in data:
            if name not in required and name not in optional:
                known = ", ".join([*required, *optional])
                self.refuse(name, f"unknown field; known are {known}")
        for name in required:
            if data.get(name) is None:
                self.refuse(name, "is missing")

    def has(self, name: str) -> bool:
        """True when the field stands there with a value."""
        return self._data.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it came, None where the field is missing."""
        return self._data.get(name)

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def refuse(self, name: str, message: str) -> None:
        """Notes a problem of a field."""
        self.problems.append(Problem(self.at(name), message))

    def text(
        self, name: str, *, length_max: int, pattern: str | None = None, hint: str = ""
    ) -> str:
        """A text field; empty where it is missing."""
        value = self._data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(name, f"must be text (quote it), not {value!r}")
            return ""
        if len(value) > length_max:
            self.refuse(name, f"has more than {length_max} characters")
        if pattern and not re.fullmatch(pattern, value):
            self.refuse(name, f"{value!r} does not fit: {hint}")
        return value

    def choice(self, name: str, *, choices: Sequence[str]) -> str:
        """One of a few words."""
        value = self._data.get(name)
        if value is not None and value not in choices:
            self.refuse(name, f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    def date(self, name: str) -> dt.date:
        """A date ``YYYY-MM-DD``."""
        value = self._data.get(name)
        if value is None:
            return dt.date.min
        try:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return dt.date.fromisoformat(value)
        except ValueError:
            pass
        self.refuse(name, f"must be a date like 2026-03-01, not {value!r}")
        return dt.date.min

    def list_of_text(self, name: str, *, length_max: int) -> list[str]:
        """A list of texts."""
        values = self._data.get(name)
        if values is not None and (
            not isinstance(values, list) or not all(isinstance(v, str) for v in values)
        ):
            self.refuse(name, "must be a list of texts")
            return []
        kept = list(values or [])
        for index, value in enumerate(kept):
            if len(value) > length_max:
                self.refuse(f"{name}[{index}]", f"has more than {length_max} characters")
        return kept


def items_of(data: Any, *, path: str, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    """Each entry of a list with its path; a problem where it is no list or has no entry."""
    if not isinstance(data, list) or not data:
        problems.append(Problem(path, "must be a list with at least one entry"))
        return
    for index, entry in enumerate(data):
        yield f"{path}[{index}]", entry
