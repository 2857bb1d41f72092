"""Imports records of a customer book that came in one call instead of a file."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ossrep.customer.models import QuarantinedRow
from ossrep.customer.usecases.import_book import import_book

FILE_NAME = "call.jsonl"


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that was not taken: its place in the call, counted from 0, and why."""

    index: int
    code: str
    reason: str


def import_records(
    *, records: Sequence[Mapping[str, str]], as_of: dt.date
) -> Sequence[RefusedRecord]:
    """Takes the good ones, keeps the others in quarantine and gives those.

    Each record has the columns of docs/formats/customer-book.md and its ``kind``. Raises
    BookRefused and ImportRunning.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        lines = [json.dumps(dict(record), ensure_ascii=False) for record in records]
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        result = import_book(paths=[path], as_of=as_of)
    found = QuarantinedRow.objects.filter(run_id=result.run_id)
    # Equal records are one case in quarantine, with the place of the last of them.
    cases = {lines[row.line - 1]: row for row in found}
    return [
        RefusedRecord(index, cases[line].reason_code, cases[line].reason)
        for index, line in enumerate(lines)
        if line in cases
    ]
