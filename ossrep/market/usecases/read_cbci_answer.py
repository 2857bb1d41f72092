"""Takes ERCOT's answers to our billing contact files: rows, and a work item for each ESI ID."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ossrep.infra.input_files import InputSource, find_inputs
from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.cbci import (
    AnswerHeader,
    AnswerRecordRefused,
    AnswerSummary,
    RecordError,
    parse_answer_record,
)
from ossrep.market.domain.cbci_mending import what_to_mend
from ossrep.market.models import CbciAnswer, CbciError, CbciFile, RefusedFileRow
from ossrep.market.usecases.refused_rows import (
    REFUSED_ROWS_MAX,
    keep_refused_rows,
    refused_row,
)
from ossrep.market.usecases.work_items import open_work_item

KIND = "cbci-answer"
KIND_REFUSED = "cbci-record-refused"
KIND_UNSURE = "cbci-answer-unsure"
MESSAGES = {
    "ER1": "the value is not valid",
    "ER2": "a mandatory field is missing",
    "ER3": "ERCOT's check failed",
}


class AnswerRefused(DomainError):
    """A whole answer that cannot be taken."""

    code = "cbci_answer_refused"


@dataclass(slots=True, kw_only=True)
class AnswerTaken:
    """What became of an answer; ``doubts`` are what does not agree in it."""

    name: str
    report_id: str = ""
    errors: int = 0
    esi_ids: int = 0
    was_known: bool = False
    refused_rows: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Read:
    header: AnswerHeader | None = None
    summary: AnswerSummary | None = None
    errors: list[RecordError] = field(default_factory=list)
    refused: list[RefusedFileRow] = field(default_factory=list)


def read_cbci_answer(*, path: Path, now: dt.datetime) -> AnswerTaken:
    """Takes one answer in one transaction; the same content again does nothing.

    Raises AnswerRefused where the file has no readable header, and InputRefused.
    """
    (source,) = find_inputs(paths=[path], suffixes=[".csv"])
    with source.open() as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    taken = AnswerTaken(name=source.name)
    with transaction():
        if CbciAnswer.objects.filter(sha256=digest).exists():
            taken.was_known = True
            return taken
        found = _read(source, taken)
        if found.header is None:
            raise AnswerRefused(
                "has no header of an answer to a billing contact file", where=source.name
            )
        answer = _stored(found, found.header, source, digest, now)
        keep_refused_rows(rows=found.refused)
        taken.report_id, taken.errors = found.header.report_id, len(found.errors)
        taken.esi_ids = _ask_for_mending(answer, found.errors, now)
        taken.doubts = _doubts(answer, found)
        if taken.doubts:
            _tell_doubts(answer, taken.doubts, now)
    return taken


def _read(source: InputSource, taken: AnswerTaken) -> _Read:
    found = _Read()
    for number, line in source.lines():
        if not line.strip():
            continue
        try:
            _take(found, line)
        except AnswerRecordRefused as refusal:
            found.refused.append(
                refused_row(kind=KIND, source=source, line=number, text=line, refusal=refusal)
            )
            taken.refused_rows.append(f"{source.name}:{number}: {refusal}")
            if len(found.refused) > REFUSED_ROWS_MAX:
                raise source.refusal(
                    f"more than {REFUSED_ROWS_MAX} rows do not fit, nothing is taken", number
                ) from refusal
    return found


def _take(found: _Read, line: str) -> None:
    record = parse_answer_record(line)
    if isinstance(record, RecordError):
        found.errors.append(record)
    elif isinstance(record, AnswerHeader):
        if found.header is not None:
            raise AnswerRecordRefused("a second header")
        found.header = record
    else:
        found.summary = record


def _stored(
    found: _Read, header: AnswerHeader, source: InputSource, digest: str, now: dt.datetime
) -> CbciAnswer:
    summary = found.summary
    answer = CbciAnswer.objects.create(
        file=CbciFile.objects.filter(duns=header.duns, report_id=header.report_id).first(),
        report_name=header.report_name,
        report_id=header.report_id[:80],
        duns=header.duns,
        file_name=source.short_name[:300],
        sha256=digest,
        records=summary.records if summary else None,
        good=summary.good if summary else None,
        bad=summary.bad if summary else None,
        received_at=now,
    )
    CbciError.objects.bulk_create(
        [
            CbciError(
                answer=answer,
                tag=error.tag,
                number=error.number,
                esi_id=error.esi_id[:80],
                original_type=error.original_type[:80],
                original_number=error.original_number,
                field_name=error.field_name[:200],
                error_text=error.error_text[:300],
            )
            for error in found.errors
        ],
        batch_size=1000,
    )
    return answer


def _ask_for_mending(answer: CbciAnswer, errors: Sequence[RecordError], now: dt.datetime) -> int:
    """A work item for each ESI ID (one for records without); how many ESI IDs those are."""
    by_esi_id: dict[str, list[RecordError]] = {}
    for error in errors:
        by_esi_id.setdefault(error.esi_id, []).append(error)
    for esi_id, found in by_esi_id.items():
        whose = f"ESI ID {esi_id}" if esi_id else "the file as a whole"
        open_work_item(
            kind=KIND_REFUSED,
            key=f"{answer.duns} {answer.report_id} {answer.report_name} {esi_id or 'file'}",
            title=f"ERCOT refuses the billing contact of {whose}",
            text="\n".join(_told(error) for error in found)
            + "\nThen write and send the whole file again before the month ends.",
            esi_id=esi_id[:36],
            reference=answer.report_id,
            now=now,
        )
    return len(by_esi_id.keys() - {""})


def _told(error: RecordError) -> str:
    where = f"{error.original_type} record {error.original_number or '?'}"
    return (
        f"- {error.tag} ({MESSAGES[error.tag]}): {where}, {error.field_name or 'no field named'}: "
        f"{error.error_text or 'no text'}. Mend {what_to_mend(error.field_name)}."
    )


def _doubts(answer: CbciAnswer, found: _Read) -> list[str]:
    doubts = []
    if answer.file is None:
        doubts.append(f"no file of ours has the report ID {answer.report_id} for {answer.duns}")
    elif answer.records not in (None, answer.file.records):
        doubts.append(f"we sent {answer.file.records} records, the answer counts {answer.records}")
    in_error = len({(error.original_type, error.original_number) for error in found.errors})
    if answer.bad is None:
        doubts.append("the answer has no SUM record, it may be cut")
    elif answer.bad != in_error:
        doubts.append(f"the answer counts {answer.bad} records in error, it names {in_error}")
    if found.refused:
        doubts.append(f"{len(found.refused)} rows of the answer cannot be read")
    return doubts


def _tell_doubts(answer: CbciAnswer, doubts: Sequence[str], now: dt.datetime) -> None:
    open_work_item(
        kind=KIND_UNSURE,
        key=answer.sha256,
        title=f"An answer to billing contact file {answer.report_id} is not sure",
        text="; ".join(doubts) + ". What could be read of it was taken.",
        reference=answer.report_id,
        now=now,
    )
