"""A quote's case made of files: where each of its fields stands, for whoever must mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ossrep.infra.json_text import load_json
from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.rating import InvalidDocument

JSON_BYTES_MAX = 64 * 2**20
_OPTIONS = {
    "bank_in_usd": "--bank-in",
    "period": "--period",
    "prices": "--prices",
    "prior_peak_kw": "--prior-peak-kw",
    "tariff": "--tariff",
}


class QuoteInputRefused(DomainError):
    """A file or option that does not say what a quote needs; ``where`` names it."""

    code = "quote_input_refused"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a part of the case comes from: a file whose lines are known, or only its name.

    ``path`` is the part's own place in the file, empty where the part is the whole file.
    """

    file: YamlFile | Path
    path: str = ""

    def where(self, rest: str) -> str:
        """The place of a field below the part."""
        inner = "." if self.path and rest and not rest.startswith("[") else ""
        path = f"{self.path}{inner}{rest}"
        if isinstance(self.file, YamlFile):
            return self.file.where(path)
        return f"{self.file}: {path}" if path else str(self.file)


@dataclass(slots=True)
class FileCase:
    """A case, the source of each of its parts by field path, and notes on what was read."""

    document: dict[str, Any]
    sources: dict[str, Source] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def where(self, path: str) -> str:
        """The file (and line) of a field of the case, else its option on the command line."""
        for part in sorted(self.sources, key=len, reverse=True):
            rest = path.removeprefix(part)
            if path.startswith(part) and rest[:1] in ("", ".", "["):
                return self.sources[part].where(rest.removeprefix("."))
        return _OPTIONS.get(path, path)


class InvalidQuoteFiles(DomainError):
    """Files whose content cannot be billed; one line for each problem, with file and line."""

    code = "invalid_quote_files"

    def __init__(self, case: FileCase, invalid: InvalidDocument) -> None:
        lines = [f"{case.where(path)}: {message}" for path, message in invalid.problems]
        super().__init__("\n".join(lines))


def read_document(path: Path) -> tuple[Any, Source]:
    """The content of a YAML or JSON file."""
    if path.suffix.lower() != ".json":
        file = read_yaml(path=path)
        return file.data, Source(file)
    try:
        if path.stat().st_size > JSON_BYTES_MAX:
            raise QuoteInputRefused(f"is larger than {JSON_BYTES_MAX} bytes", where=str(path))
        return load_json(path.read_text("utf-8-sig")), Source(path)
    except OSError as error:
        raise QuoteInputRefused(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise QuoteInputRefused(f"is not JSON: {error}", where=str(path)) from error
