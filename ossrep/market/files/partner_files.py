"""Trading partners, channels and our identities as a YAML file that people write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.market.models.partners import CONFIDENCES, LINE_ENDS

ROWS_MAX = 2_000
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_]{0,19}")
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DUNS = re.compile(r"[0-9]{9}|[0-9]{13}")
_QUALIFIER = re.compile(r"[0-9A-Z]{2}")
_ID = re.compile(r"[!-)+-;=@-}]([ -)+-;=@-}]{0,13}[!-)+-;=@-}])?")
_FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")


class InvalidPartners(DomainError):
    """A partner file whose values do not fit; ``where`` has file, line and field."""

    code = "invalid_partners"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnersRead:
    """What a file says: values of the columns by the natural key of each record."""

    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    identities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    partners: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_partners(*, path: Path) -> PartnersRead:
    """A file with ``channels``, ``us`` and ``partners``; ``InvalidPartners`` or ``InvalidYaml``."""
    file = read_yaml(path=path)
    reader = _Reader(file)
    if not isinstance(file.data, dict):
        raise reader.refusal("", "must have channels, us and partners")
    reader.known("", file.data, {"channels", "us", "partners"})
    return PartnersRead(
        channels=dict(reader.channels()),
        identities=dict(reader.identities()),
        partners=dict(reader.partners()),
    )


class _Reader:
    """Reads the parts of one file and says where something is wrong."""

    def __init__(self, file: YamlFile) -> None:
        self._file = file

    def refusal(self, path: str, message: str) -> InvalidPartners:
        return InvalidPartners(message, where=self._file.where(path))

    def known(self, path: str, row: Mapping[str, Any], names: set[str]) -> None:
        for name in row:
            if name not in names:
                told = ", ".join(sorted(names))
                raise self.refusal(f"{path}.{name}".strip("."), f"is not known; there are {told}")

    def channels(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for path, row in self._rows("channels"):
            self.known(path, row, {"code", "transport", "settings", "active"})
            settings = row.get("settings") or {}
            if not isinstance(settings, dict):
                raise self.refusal(f"{path}.settings", "must be names with values")
            yield (
                self._text(path, row, "code", _CHANNEL, "small letters, digits and hyphens"),
                {
                    "transport": self._text(path, row, "transport", None, "a transport"),
                    "settings": settings,
                    "is_active": self._flag(path, row, "active", True),
                },
            )

    def identities(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        names = {"duns", "name", "isa_qualifier", "isa_id", "gs_id", "brand_id", "default"}
        for path, row in self._rows("us"):
            self.known(path, row, names)
            duns = self._text(path, row, "duns", _DUNS, "9 or 13 digits")
            brand_id = row.get("brand_id")
            if brand_id is not None and not isinstance(brand_id, int):
                raise self.refusal(f"{path}.brand_id", "must be a number")
            yield (
                duns,
                {
                    "name": self._text(path, row, "name", None, "a name")[:60],
                    "isa_qualifier": self._qualifier(path, row),
                    "isa_id": self._id(path, row, "isa_id", duns),
                    "gs_id": self._id(path, row, "gs_id", duns),
                    "brand_id": brand_id,
                    "is_default": self._flag(path, row, "default", False),
                },
            )

    def partners(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for path, row in self._rows("partners"):
            self.known(path, row, _PARTNER_FIELDS)
            code = self._text(path, row, "code", _CODE, "capitals, digits and _")
            yield code, dict(self._partner(path, row))

    def _partner(self, path: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Only what the file says: a field left out keeps its stored value."""
        for name, column in _TEXTS.items():
            if name in row:
                pattern, expected = _PATTERNS.get(name, (None, "a text"))
                yield column, self._text(path, row, name, pattern, expected, may_be_empty=True)
        for name, column in _FLAGS.items():
            if name in row:
                yield column, self._flag(path, row, name, False)
        yield from self._separators(path, row)
        if "confidence" in row:
            allowed = [value for value, _ in CONFIDENCES]
            yield "confidence", self._one_of(path, row, "confidence", allowed)

    def _separators(self, path: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        marks = row.get("separators")
        if marks is None:
            return
        inside = f"{path}.separators"
        if not isinstance(marks, dict):
            raise self.refusal(inside, "must have element, component, terminator, line_end")
        self.known(inside, marks, {*_MARKS, "line_end"})
        for name, column in _MARKS.items():
            if name in marks:
                mark = str(marks[name])
                if len(mark) != 1 or mark.isalnum() or mark in " \0":
                    raise self.refusal(f"{inside}.{name}", "must be one mark, no letter or digit")
                yield column, mark
        if "line_end" in marks:
            yield "line_end", self._one_of(inside, marks, "line_end", list(LINE_ENDS))

    def _rows(self, part: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        rows = self._file.data.get(part) or []
        if not isinstance(rows, list) or len(rows) > ROWS_MAX:
            raise self.refusal(part, f"must be a list of at most {ROWS_MAX}")
        for index, row in enumerate(rows):
            path = f"{part}[{index}]"
            if not isinstance(row, dict):
                raise self.refusal(path, "must be names with values")
            yield path, row

    def _text(
        self,
        path: str,
        row: Mapping[str, Any],
        name: str,
        pattern: re.Pattern[str] | None,
        expected: str,
        *,
        may_be_empty: bool = False,
    ) -> str:
        value = row.get(name)
        text = "" if value is None else str(value)
        if may_be_empty and not text:
            return ""
        if (
            isinstance(value, dict | list | bool)
            or not text
            or (pattern is not None and not pattern.fullmatch(text))
        ):
            raise self.refusal(f"{path}.{name}", f"must be {expected}")
        return text

    def _id(self, path: str, row: Mapping[str, Any], name: str, default: str) -> str:
        return self._text(path, {name: default, **row}, name, _ID, "1 to 15 characters of an id")

    def _qualifier(self, path: str, row: Mapping[str, Any]) -> str:
        values = {"isa_qualifier": "01", **row}
        return self._text(path, values, "isa_qualifier", _QUALIFIER, "two characters in quotes")

    def _flag(self, path: str, row: Mapping[str, Any], name: str, default: bool) -> bool:
        value = row.get(name, default)
        if not isinstance(value, bool):
            raise self.refusal(f"{path}.{name}", "must be true or false")
        return value

    def _one_of(self, path: str, row: Mapping[str, Any], name: str, allowed: list[str]) -> str:
        value = row[name]
        if value not in allowed:
            raise self.refusal(f"{path}.{name}", f"must be one of {', '.join(allowed)}")
        return str(value)


_TEXTS = {
    "name": "name",
    "duns": "duns",
    "channel": "channel",
    "isa_qualifier": "isa_qualifier",
    "isa_id": "isa_id",
    "gs_id": "gs_id",
    "flat_format": "flat_format",
    "pgp_fingerprint": "pgp_fingerprint",
    "pgp_public_key": "pgp_public_key",
    "source": "source",
}
_FLAGS = {
    "test_only": "test_only",
    "wants_ta1": "wants_ta1",
    "wants_customer_information": "wants_customer_information",
    "active": "is_active",
}
_MARKS = {
    "element": "element_separator",
    "component": "component_separator",
    "terminator": "segment_terminator",
}
_PATTERNS: Mapping[str, tuple[re.Pattern[str] | None, str]] = {
    "duns": (_DUNS, "9 or 13 digits in quotes"),
    "channel": (_CHANNEL, "a channel's code"),
    "isa_qualifier": (_QUALIFIER, "two characters in quotes"),
    "isa_id": (_ID, "1 to 15 characters of an id, in quotes"),
    "gs_id": (_ID, "1 to 15 characters of an id, in quotes"),
    "pgp_fingerprint": (_FINGERPRINT, "40 or 64 hexadecimal digits, capitals"),
}
_PARTNER_FIELDS = {"code", "separators", "confidence", *_TEXTS, *_FLAGS}
