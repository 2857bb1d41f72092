"""One transaction set, or one document of a flattened file, explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.flat.model import FlatDocument
from ossrep.market.edi.lint.model import DocumentReport, Grid, Line, Problem, State
from ossrep.market.edi.lint.naming import title_of
from ossrep.market.edi.lint.problems import advice_for, kept_notes, problems_of
from ossrep.market.edi.lint.reading import read_out, shown
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_checks import check_invoice, list_unmapped_codes
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.reading import identify, read_transaction
from ossrep.market.edi.texas_set.usage import Usage
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.edi.x12.acknowledging import GroupAnswer, SetAnswer, read_997
from ossrep.market.edi.x12.acknowledgment_codes import acknowledgment_codes
from ossrep.market.edi.x12.model import Separators, TransactionSet

RAW_LINES_MAX = 200
_UNREAD = {"kind_unknown", "kind_unread"}


def explain_set(
    found: TransactionSet, separators: Separators, *, number: int, as_of: dt.date
) -> DocumentReport:
    """A transaction set: its problems, and what it says as far as that can be told."""
    lines = [separators.element.join(segment) for segment in found.segments]
    problems = list(problems_of(found.faults, lines=lines))
    kind = found.code
    reading: tuple[Line | Grid, ...] = ()
    state: State = "good"
    try:
        if found.code == "997":
            reading = _read_997(read_997(found))
        else:
            kind = identify(found)
            transaction = read_transaction(found, separators=separators)
            reading = read_out(transaction)
            problems += _content_problems(transaction, as_of)
    except EdiError as error:
        problems += problems_of([error.fault], lines=lines)
        state = "unread" if error.fault.code in _UNREAD else "faulty"
    if state == "good" and any(not problem.is_note for problem in problems):
        state = "faulty"
    return DocumentReport(
        number=number,
        kind=kind,
        title=title_of(kind),
        reference=shown(found.control_number),
        place=f"byte {found.offset:,}, {len(found.segments)} segments",
        state=state,
        problems=tuple(problems),
        reading=reading,
        raw=() if reading else _raw(lines),
    )


def explain_flat_document(document: FlatDocument, *, number: int, as_of: dt.date) -> DocumentReport:
    """A document of a flattened file."""
    lines = _numbered_from(document.line, document.lines)
    problems = list(problems_of(document.faults, lines=lines, as_line=True))
    problems += [
        Problem(
            code="unread_field",
            where=f"line {field.line}, {field.field}",
            what="the layout table does not know this field; it is kept",
            found=shown(field.value),
            advice=advice_for("stray_element"),
            is_note=True,
        )
        for field in document.unread
    ]
    reading: tuple[Line | Grid, ...] = ()
    if document.transaction is not None:
        reading = read_out(document.transaction)
        problems += _content_problems(document.transaction, as_of)
    is_faulty = any(not problem.is_note for problem in problems)
    return DocumentReport(
        number=number,
        kind=document.kind,
        title=title_of(document.kind),
        reference=shown(document.reference),
        place=f"line {document.line:,}, {len(document.lines)} lines",
        state="faulty" if is_faulty else "good",
        problems=tuple(problems),
        reading=reading,
        raw=() if reading else _raw(document.lines),
    )


def _content_problems(transaction: Transaction, as_of: dt.date) -> Iterable[Problem]:
    faults: tuple[Fault, ...] = ()
    notes = list(kept_notes(transaction))
    if isinstance(transaction, Usage):
        faults = check_usage(transaction, as_of=as_of)
    elif isinstance(transaction, DeliveryInvoice):
        faults = check_invoice(transaction)
        notes += [_unmapped(code) for code in list_unmapped_codes(transaction)]
    return [*problems_of(faults), *notes]


def _unmapped(code: str) -> Problem:
    return Problem(
        code="charge_unmapped",
        where="SAC04",
        what=f"no list has the charge code {shown(code)}",
        found=shown(code),
        advice=advice_for("charge_unmapped"),
        is_note=True,
    )


def _read_997(answer: GroupAnswer) -> tuple[Line | Grid, ...]:
    meaning = acknowledgment_codes().meaning
    counts = f"{answer.accepted} of {answer.received} sets accepted, {answer.included} announced"
    lines: list[Line | Grid] = [
        Line("answers group", f"{answer.control_number} ({answer.functional_id})"),
        Line("result", f"{answer.result}: {meaning('AK901', answer.result)}; {counts}"),
    ]
    lines += [Line("because", f"{code}: {meaning('AK905', code)}", 1) for code in answer.codes]
    for each in answer.sets:
        told = f"{each.result}: {meaning('AK501', each.result)}"
        lines.append(Line(f"set {each.control_number} ({each.code})", told))
        lines += _set_notes(each)
    return tuple(lines)


def _set_notes(answer: SetAnswer) -> list[Line]:
    meaning = acknowledgment_codes().meaning
    lines = [Line("because", f"{code}: {meaning('AK502', code)}", 1) for code in answer.codes]
    for note in answer.segments:
        told = f"{note.code}: {meaning('AK304', note.code)}"
        lines.append(Line(f"segment {note.position} {note.tag}", told, 1))
        for element in note.elements:
            copy = f", “{shown(element.copy)}”" if element.copy else ""
            told = f"{element.code}: {meaning('AK403', element.code)}{copy}"
            lines.append(Line(f"element {element.position}", told, 2))
    return lines


def _raw(lines: Iterable[str]) -> tuple[str, ...]:
    kept = [shown(line) for line in lines]
    if len(kept) <= RAW_LINES_MAX:
        return tuple(kept)
    return (*kept[:RAW_LINES_MAX], f"… {len(kept) - RAW_LINES_MAX} more")


def _numbered_from(first: int, lines: tuple[str, ...]) -> tuple[str, ...]:
    """So that the file's own line number finds the line."""
    return ("",) * (first - 1) + lines if first <= 100_000 else ()
