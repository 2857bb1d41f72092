"""Reads opening files as streams: good lines are posted, bad ones go to quarantine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.billing.domain.opening_lines import Opening, parse_opening
from ossrep.billing.domain.refused import Refused, RowRefused
from ossrep.billing.models import RefusedKind
from ossrep.billing.usecases.post_openings import PostedOpenings, post_openings
from ossrep.billing.usecases.refused_rows import keep_refused, open_rows, settle_loaded
from ossrep.infra.input_files import InputRefused, InputSource, find_inputs
from ossrep.infra.json_text import load_json
from ossrep.rating import InvalidDocument

LINES_PER_BATCH = 500
_SUFFIXES = (".jsonl", ".json", ".ndjson")


@dataclass(slots=True)
class OpeningsImported:
    """What became of one file; ``error`` says why it was not read to its end."""

    file: str
    posted: int = 0
    known: int = 0
    refused: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    content: Mapping[str, Any]
    opening: Opening


def import_openings(*, paths: Sequence[Path]) -> Iterator[OpeningsImported]:
    """Imports files one by one, a transaction for each batch of lines; idempotent."""
    for source in find_inputs(paths=paths, suffixes=_SUFFIXES):
        result = OpeningsImported(source.short_name)
        try:
            for lines, refused in _batches(source):
                _take(result, lines, refused)
        except InputRefused as fault:
            result.error = str(fault)
        yield result


def retry_openings(*, row_ids: Collection[int] | None) -> OpeningsImported:
    """Tries open rows of the quarantine again, all or those named. Raises UnknownRefusedRow."""
    total = OpeningsImported("quarantine")
    for row in open_rows(kind=RefusedKind.OPENING, row_ids=row_ids):
        of_file = OpeningsImported(row.file_name)
        lines: list[_Line] = []
        refused: list[Refused] = []
        _read(row.content, row.line, lines, refused)
        _take(of_file, lines, refused)
        total.posted += of_file.posted
        total.known += of_file.known
        total.refused += of_file.refused
    return total


def _batches(source: InputSource) -> Iterator[tuple[list[_Line], list[Refused]]]:
    lines: list[_Line] = []
    refused: list[Refused] = []
    for number, text in source.lines():
        if not text.strip():
            continue
        try:
            content = _object(text)
        except RowRefused as error:
            refused.append(Refused(number, {"text": text}, error.code, error.message))
        else:
            _read(content, number, lines, refused)
        if len(lines) + len(refused) >= LINES_PER_BATCH:
            yield lines, refused
            lines, refused = [], []
    yield lines, refused


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = load_json(text)
    except ValueError as error:
        raise RowRefused("not_json", f"is not a JSON object on one line: {error}") from error
    if not isinstance(found, dict):
        raise RowRefused("not_json", "is not a JSON object")
    return found


def _read(
    content: Mapping[str, Any], line: int, lines: list[_Line], refused: list[Refused]
) -> None:
    try:
        lines.append(_Line(line, content, parse_opening(content)))
    except InvalidDocument as invalid:
        refused.append(Refused(line, content, invalid.code, invalid.message))


def _take(result: OpeningsImported, lines: list[_Line], refused: list[Refused]) -> None:
    posted = PostedOpenings()
    if lines:
        posted = post_openings(openings=[line.opening for line in lines])
    bad = list(refused)
    for position, (code, message) in posted.refused.items():
        bad.append(Refused(lines[position].line, lines[position].content, code, message))
    keep_refused(kind=RefusedKind.OPENING, file_name=result.file, refused=bad)
    settle_loaded(
        kind=RefusedKind.OPENING,
        file_name=result.file,
        contents=[lines[n].content for n in (*posted.posted, *posted.known)],
    )
    result.posted += len(posted.posted)
    result.known += len(posted.known)
    result.refused += len(bad)
