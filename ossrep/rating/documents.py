"""Reading documents field by field: every problem is noted with its path, none stops the rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from ossrep.kernel.errors import DomainError

TEXT_LENGTH_MAX = 200
ITEMS_MAX = 1000
USD_MAX = Decimal(10**9)
KWH_MAX = Decimal(10**10)
PRICE_DECIMALS = 8
KWH_DECIMALS = 3

_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PROBLEMS_IN_MESSAGE = 5

E = TypeVar("E", bound=StrEnum)


class InvalidDocument(DomainError):
    """A document that cannot be used; ``problems`` has every ``(path, message)`` found."""

    code = "invalid_document"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        shown = [f"{path}: {text}" for path, text in self.problems[:_PROBLEMS_IN_MESSAGE]]
        more = len(self.problems) - len(shown)
        tail = f"; and {more} more" if more > 0 else ""
        super().__init__("; ".join(shown) + tail)


@dataclass(slots=True)
class Problems:
    """What is wrong with a document, in the order of finding."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: str, message: str) -> None:
        """Notes a problem at a field path."""
        self.found.append((path or "document", message))

    def __len__(self) -> int:
        return len(self.found)


class FieldReader:
    """Reads the fields of one mapping; what was never asked for is an unknown field.

    A required field that is absent or wrong is noted and a harmless value of its type comes
    back, so that the reading goes on; the document is refused at the end. ``null`` is absent.
    """

    def __init__(self, document: object, path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._asked: set[str] = set()
        self._fields: Mapping[object, object] = {}
        self._readable = isinstance(document, Mapping)
        if isinstance(document, Mapping):
            self._fields = document
        else:
            problems.add(path, f"must be a mapping of fields, not {_kind(document)}")

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def note(self, name: str, message: str) -> None:
        """Notes a problem with a field."""
        self.problems.add(self.at(name), message)

    def has(self, name: str) -> bool:
        """True when the field is there and not null."""
        return self._fields.get(name) is not None

    def take(self, name: str) -> Any:
        """The raw value, None where absent; the field is known from now on."""
        self._asked.add(name)
        return self._fields.get(name)

    def required(self, name: str) -> Any:
        """The raw value; its absence is noted."""
        value = self.take(name)
        if value is None and self._readable:
            self.note(name, "is missing")
        return value

    def finish(self) -> None:
        """Notes every field that nobody asked for."""
        for name in self._fields:
            if name not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.note(str(name), f"unknown field; known here: {known}")

    def text(self, name: str, *, pattern: str | None = None, default: str | None = None) -> str:
        """A non-empty line of text, of a pattern where given; required without a default."""
        value = self.take(name) if default is not None else self.required(name)
        if value is None:
            return default or ""
        if not isinstance(value, str) or not value.strip() or len(value) > TEXT_LENGTH_MAX:
            self.note(name, f"must be text of 1 to {TEXT_LENGTH_MAX} characters: {_shown(value)}")
        elif _CONTROL.search(value):
            self.note(name, f"must be one line without control characters: {_shown(value)}")
        elif pattern is not None and not re.fullmatch(pattern, value):
            self.note(name, f"must match {pattern}: {_shown(value)}")
        else:
            return value
        return ""

    def choice(self, name: str, options: type[E], default: E | None = None) -> E:
        """One of an enumeration's words; required without a default."""
        value = self.take(name) if default is not None else self.required(name)
        first = default if default is not None else next(iter(options))
        if value is None:
            return first
        if value not in list(options):
            self.note(name, f"must be one of {', '.join(options)}: {_shown(value)}")
            return first
        return options(value)

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            self.note(name, f"must be true or false: {_shown(value)}")
        return value if isinstance(value, bool) else default

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number ``low..high``; None where absent or wrong."""
        value = self.take(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.note(name, f"must be a whole number from {low} to {high}: {_shown(value)}")
            return None
        return value

    def decimal(
        self,
        name: str,
        *,
        default: str | None = None,
        decimals: int = PRICE_DECIMALS,
        low: Decimal = -USD_MAX,
        high: Decimal = USD_MAX,
    ) -> Decimal:
        """A decimal string in ``low..high``; required without a default."""
        if default is None:
            self.required(name)
        value = self.optional_decimal(name, decimals=decimals, low=low, high=high)
        return Decimal(default or 0) if value is None else value

    def optional_decimal(
        self,
        name: str,
        *,
        decimals: int = PRICE_DECIMALS,
        low: Decimal = -USD_MAX,
        high: Decimal = USD_MAX,
    ) -> Decimal | None:
        """A decimal string in ``low..high``; None where absent or wrong."""
        raw = self.take(name)
        if raw is None:
            return None
        value, complaint = _decimal(raw, decimals, low, high)
        if complaint is not None:
            self.note(name, complaint)
        return value

    def kwh(self, name: str, *, default: str | None = None) -> Decimal:
        """An amount of energy in kWh, at least 0, at most three decimals (whole Wh)."""
        return self.decimal(
            name, default=default, decimals=KWH_DECIMALS, low=Decimal(0), high=KWH_MAX
        )

    def optional_kwh(self, name: str) -> Decimal | None:
        """The same; None where absent or wrong."""
        return self.optional_decimal(name, decimals=KWH_DECIMALS, low=Decimal(0), high=KWH_MAX)

    def date(self, name: str) -> dt.date | None:
        """A date, or its ISO text; None where absent or wrong."""
        value = self.take(name)
        return None if value is None else read_date(value, self.at(name), self.problems)

    def items(self, name: str, *, most: int = ITEMS_MAX) -> Iterator[tuple[str, object]]:
        """The paths and values of a list; nothing where absent."""
        value = self.take(name)
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self.note(name, f"must be a list, not {_kind(value)}")
        elif len(value) > most:
            self.note(name, f"has {len(value)} entries, at most {most} are allowed")
        else:
            for number, item in enumerate(value):
                yield f"{self.at(name)}[{number}]", item

    def entries(self, name: str) -> Iterator[tuple[Any, str, object]]:
        """The keys, paths and values of a mapping; nothing where absent."""
        value = self.take(name)
        if value is None:
            return
        if not isinstance(value, Mapping):
            self.note(name, f"must be a mapping, not {_kind(value)}")
        elif len(value) > ITEMS_MAX:
            self.note(name, f"has {len(value)} entries, at most {ITEMS_MAX} are allowed")
        else:
            for key, item in value.items():
                yield key, f"{self.at(name)}.{key}", item

    def inside(self, name: str) -> FieldReader:
        """The reader of a mapping in a field."""
        return FieldReader(self.take(name), self.at(name), self.problems)


def read_date(value: object, path: str, problems: Problems) -> dt.date | None:
    """A date or its ISO text; anything else is noted and None comes back."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            problems.add(path, f"no such date: {_shown(value)}")
            return None
    problems.add(path, f"must be a date such as 2026-07-04: {_shown(value)}")
    return None


def read_decimal(
    value: object,
    path: str,
    problems: Problems,
    *,
    low: Decimal = -USD_MAX,
    high: Decimal = USD_MAX,
) -> Decimal:
    """A decimal string in ``low..high``; anything else is noted and 0 comes back."""
    number, complaint = _decimal(value, PRICE_DECIMALS, low, high)
    if complaint is not None:
        problems.add(path, complaint)
    return Decimal(0) if number is None else number


def _decimal(
    value: object, decimals: int, low: Decimal, high: Decimal
) -> tuple[Decimal | None, str | None]:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        return None, f'must be a quoted decimal such as "0.125": {_shown(value)}'
    number = Decimal(value)
    fraction = value.partition(".")[2].rstrip("0")
    if len(fraction) > decimals:
        return None, f"has more than {decimals} decimals: {value}"
    if not low <= number <= high:
        return None, f"must be from {low} to {high}: {value}"
    return number, None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    return names.get(type(value), type(value).__name__)
