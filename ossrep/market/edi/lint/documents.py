"""One transaction set, or one document of a flattened file, explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.flat.model import FlatDocument
from ossrep.market.edi.lint.model import DocumentReport, Grid, Line, Problem, RawLine, State
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

RAW_LINES_MAX = 60
"""Of a longer document only its head and what stands around its problems is shown."""
RAW_HEAD = 12
RAW_AROUND = 4
_UNREAD = {"kind_unknown", "kind_unread"}


def explain_set(
    found: TransactionSet,
    separators: Separators,
    *,
    number: int,
    as_of: dt.date,
    is_read_out: bool = True,
) -> DocumentReport:
    """A transaction set: its problems, and what it says as far as that can be told.

    ``is_read_out`` False leaves out what it says where it has no problems.
    """
    lines = [separators.element.join(segment) for segment in found.segments]
    faults = list(found.faults)
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
            problems += _content_problems(transaction, as_of)
            if is_read_out or any(not problem.is_note for problem in problems):
                reading = read_out(transaction)
    except EdiError as error:
        faults.append(error.fault)
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
        raw=_raw(lines, faults) if not reading and is_read_out else (),
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
        raw=() if reading else _raw(document.lines, document.faults, first=document.line),
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


def _raw(lines: Sequence[str], faults: Iterable[Fault], *, first: int = 1) -> tuple[RawLine, ...]:
    """The lines, numbered from ``first``, with those marked in which a fault stands."""
    marked = {fault.segment - first for fault in faults if fault.segment is not None}
    chosen = set(range(len(lines)))
    if len(lines) > RAW_LINES_MAX:
        around = (range(at - RAW_AROUND, at + RAW_AROUND + 1) for at in sorted(marked)[:10])
        chosen = {at for each in (range(RAW_HEAD), *around) for at in each if at in chosen}
    shown_lines: list[RawLine] = []
    expected = 0
    for at in sorted(chosen):
        if at > expected:
            shown_lines.append(RawLine(0, f"… {at - expected:,} more"))
        shown_lines.append(RawLine(first + at, shown(lines[at]), at in marked))
        expected = at + 1
    if len(lines) > expected:
        shown_lines.append(RawLine(0, f"… {len(lines) - expected:,} more"))
    return tuple(shown_lines)


def _numbered_from(first: int, lines: tuple[str, ...]) -> tuple[str, ...]:
    """So that the file's own line number finds the line."""
    return ("",) * (first - 1) + lines if first <= 100_000 else ()
