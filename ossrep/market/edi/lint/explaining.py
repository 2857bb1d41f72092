"""From the bytes of a file to what is told of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.flat.reading import is_flat, read_flat
from ossrep.market.edi.lint.documents import explain_flat_document, explain_set
from ossrep.market.edi.lint.model import (
    DocumentReport,
    EnvelopeReport,
    FileReport,
    GroupReport,
    Line,
    Problem,
)
from ossrep.market.edi.lint.naming import title_of
from ossrep.market.edi.lint.problems import problems_of
from ossrep.market.edi.lint.reading import scalar_text, shown
from ossrep.market.edi.x12.acknowledging import (
    SetOutcome,
    build_ta1,
    judge_group,
    judge_interchange,
    needs_997,
)
from ossrep.market.edi.x12.acknowledgment_codes import acknowledgment_codes
from ossrep.market.edi.x12.functional_groups import check_group_of_set
from ossrep.market.edi.x12.model import Group, Interchange, Separators, TransactionSet
from ossrep.market.edi.x12.streaming import (
    GroupEnd,
    GroupStart,
    InterchangeEnd,
    InterchangeStart,
    stream,
)

CHUNK_BYTES = 1 << 20
FAULTY_DOCUMENTS_MAX = 500
"""Documents with problems that are told of one file; the others are counted."""
_BEGINNINGS = (
    (b"-----BEGIN PGP", "a PGP message that is still to be decrypted"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{", "JSON"),
    (b"<", "XML or HTML"),
)


def explain_file(data: bytes, *, as_of: dt.date, documents_max: int = 20) -> FileReport:
    """Everything there is to say of a file; never raises.

    ``as_of`` is today's local date, against which dates of usage are checked. At most
    ``documents_max`` documents without problems are read out; the others are counted. Those with
    problems are told, up to a limit of their own.
    """
    try:
        explain = _explain_flat if is_flat(data) else _explain_x12
        return explain(data, as_of, documents_max)
    except EdiError as error:
        problems = problems_of([error.fault])
        guess = next((what for start, what in _BEGINNINGS if data.startswith(start)), "")
        summary = (
            f"No file of the market: it looks like {guess}."
            if guess
            else ("No file of the market that can be told: neither X12 nor a provider's format.")
        )
        return FileReport(
            summary=summary, size=len(data), problems=problems, problem_count=len(problems)
        )


class _Told:
    """What is gathered over the whole file."""

    def __init__(self, documents_max: int) -> None:
        self.counts: Counter[str] = Counter()
        self.problem_count = 0
        self.note_count = 0
        self.left_out = 0
        self._room = {True: FAULTY_DOCUMENTS_MAX, False: documents_max}

    def count(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        notes = sum(problem.is_note for problem in problems)
        self.note_count += notes
        self.problem_count += len(problems) - notes
        return problems

    def has_room(self) -> bool:
        """Whether a document without problems would still be told."""
        return self._room[False] > 0

    def keep(self, document: DocumentReport) -> bool:
        """Whether a document is told; all are counted."""
        self.counts[document.kind] += 1
        self.count(document.problems)
        is_faulty = any(not problem.is_note for problem in document.problems)
        self._room[is_faulty] -= 1
        self.left_out += self._room[is_faulty] < 0
        return self._room[is_faulty] >= 0

    def rows(self) -> tuple[tuple[str, str, int], ...]:
        return tuple((kind, title_of(kind), n) for kind, n in sorted(self.counts.items()))


def _explain_x12(data: bytes, as_of: dt.date, documents_max: int) -> FileReport:
    told = _Told(documents_max)
    envelopes: list[EnvelopeReport] = []
    groups: list[GroupReport] = []
    documents: list[DocumentReport] = []
    outcomes: list[SetOutcome] = []
    separators, functional_id = Separators(), ""
    for event in stream(data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)):
        if isinstance(event, InterchangeStart):
            separators = event.interchange.separators
        elif isinstance(event, GroupStart):
            functional_id = event.group.functional_id
        elif isinstance(event, TransactionSet):
            found = check_group_of_set(found=event, functional_id=functional_id)
            outcomes.append(SetOutcome(found.code, found.control_number, found.faults))
            document = explain_set(
                found,
                separators,
                number=len(outcomes),
                as_of=as_of,
                is_read_out=told.has_room(),
            )
            if told.keep(document):
                documents.append(document)
        elif isinstance(event, GroupEnd):
            groups.append(_group(event.group, outcomes, documents, told))
            documents, outcomes = [], []
        elif isinstance(event, InterchangeEnd):
            envelopes.append(_interchange(event.interchange, groups, told))
            groups = []
    sets = sum(told.counts.values())
    return FileReport(
        summary=f"X12: {_counted(len(envelopes), 'interchange')}, "
        f"{_counted(sum(len(e.groups) for e in envelopes), 'group')}, "
        f"{_counted(sets, 'transaction set')}.",
        size=len(data),
        counts=told.rows(),
        envelopes=tuple(envelopes),
        left_out=told.left_out,
        problem_count=told.problem_count,
        note_count=told.note_count,
    )


def _interchange(
    interchange: Interchange, groups: list[GroupReport], told: _Told
) -> EnvelopeReport:
    marks = interchange.separators
    names = (repr(mark)[1:-1] for mark in (marks.element, marks.component, marks.terminator))
    line_end = {"": "none", "\n": "LF", "\r\n": "CR LF", "\r": "CR"}.get(marks.line_end, "mixed")
    facts = (
        Line("from", f"{shown(interchange.sender)} (qualifier {interchange.sender_qualifier})"),
        Line("to", f"{shown(interchange.receiver)} (qualifier {interchange.receiver_qualifier})"),
        Line("sent", _sent(interchange.header[9], interchange.header[10])),
        Line("for", "test (never posted in production)" if interchange.is_test else "production"),
        Line("separators", f"{'  '.join(names)}   line ends: {line_end}"),
        *_acknowledgments(interchange),
    )
    verdict = judge_interchange(interchange)
    meaning = acknowledgment_codes().meaning
    answer = f"{verdict.result}: {meaning('TA104', verdict.result)}"
    if verdict.note != "000":
        answer += f" ({verdict.note}: {meaning('TA105', verdict.note)})"
    asked = "*".join(build_ta1(interchange)) if interchange.wants_acknowledgment else "no TA1 asked"
    return EnvelopeReport(
        title=f"Interchange {shown(interchange.control_number)}",
        facts=facts,
        answer=f"{answer}; {asked}",
        problems=told.count(problems_of(interchange.faults)),
        groups=tuple(groups),
    )


def _acknowledgments(interchange: Interchange) -> Iterator[Line]:
    meaning = acknowledgment_codes().meaning
    for segment in interchange.acknowledgments:
        values = [*segment[1:6], *[""] * 5][:5]
        said = (
            f"interchange {values[0]}: {values[3]} {meaning('TA104', values[3])}"
            f", {values[4]} {meaning('TA105', values[4])}"
        )
        yield Line("answers (TA1)", shown(said))


def _group(
    group: Group, outcomes: list[SetOutcome], documents: list[DocumentReport], told: _Told
) -> GroupReport:
    answer = "none: a group of acknowledgments is not acknowledged"
    if not group.functional_id:
        answer = "none possible: there is no group header to refer to"
    elif needs_997(group.functional_id):
        judged = judge_group(group=group, outcomes=outcomes)
        meaning = acknowledgment_codes().meaning
        codes = "".join(f", {code}: {meaning('AK905', code)}" for code in judged.codes)
        answer = (
            f"{judged.result}: {meaning('AK901', judged.result)} "
            f"({judged.accepted} of {judged.received} sets{codes})"
        )
    return GroupReport(
        title=f"Group {shown(group.control_number)}, {shown(group.functional_id)}",
        facts=(
            Line("from", shown(group.sender)),
            Line("to", shown(group.receiver)),
            Line("sent", _sent(group.date, group.time)),
            Line("version", shown(group.version)),
        ),
        answer=answer,
        problems=told.count(problems_of(group.faults)),
        documents=tuple(documents),
    )


def _explain_flat(data: bytes, as_of: dt.date, documents_max: int) -> FileReport:
    told = _Told(documents_max)
    file = read_flat(data)
    documents = []
    for number, each in enumerate(file.documents, start=1):
        document = explain_flat_document(each, number=number, as_of=as_of)
        if told.keep(document):
            documents.append(document)
    facts = (
        Line("from", " ".join(filter(None, (shown(file.sender_name), shown(file.sender))))),
        Line("to", " ".join(filter(None, (shown(file.receiver_name), shown(file.receiver))))),
        Line("sent", scalar_text(file.sent)),
    )
    envelope = EnvelopeReport(
        title=f"Flattened file {shown(file.number)} ({file.layout})".replace("  ", " "),
        facts=tuple(fact for fact in facts if fact.value),
        answer="none: these formats have no acknowledgments",
        problems=told.count(problems_of(file.faults, as_line=True)),
        groups=(GroupReport(title="", facts=(), answer="", documents=tuple(documents)),),
    )
    return FileReport(
        summary=f"A provider's flattened file ({file.layout}): "
        f"{_counted(len(file.documents), 'document')}.",
        size=len(data),
        counts=told.rows(),
        envelopes=(envelope,),
        left_out=told.left_out,
        problem_count=told.problem_count,
        note_count=told.note_count,
    )


def _sent(date: str, time: str) -> str:
    text = date if len(date) == 8 else f"20{date}"
    try:
        day = dt.datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date alone
    except ValueError:
        return shown(f"{date} {time}")
    return f"{scalar_text(day)} {time[:2]}:{time[2:4]}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
