"""What is told of a file. All of it is text, ready to be shown or written as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "faulty", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong: where, what, and what to do.

    ``line`` is the segment or line as it came; a ``note`` refuses nothing, it is shown so that
    nothing is lost. ``code`` is the fault's own.
    """

    code: str
    where: str
    what: str
    expected: str = ""
    found: str = ""
    rule: str = ""
    line: str = ""
    advice: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A value with its label; ``level`` indents."""

    label: str
    value: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Things of the same sort, one a row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    level: int = 0


@dataclass(frozen=True, slots=True)
class RawLine:
    """A segment or line as it came; ``number`` counts from 1, 0 stands for those left out."""

    number: int
    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReport:
    """A transaction set, or a document of a flattened file.

    ``state``: good; faulty: some problem refuses it; unread: its kind has no table here, so its
    segments are shown as they are. ``reading`` is empty where it could not be read; ``raw`` then
    has the segments, of a long document those around its problems.
    """

    number: int
    kind: str
    title: str
    reference: str
    place: str
    state: State
    problems: tuple[Problem, ...] = ()
    reading: tuple[Line | Grid, ...] = ()
    raw: tuple[RawLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """A group, with the answer that its faults and those of its sets call for."""

    title: str
    facts: tuple[Line, ...]
    answer: str
    problems: tuple[Problem, ...] = ()
    documents: tuple[DocumentReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeReport:
    """An interchange, or a whole flattened file, which has one nameless group."""

    title: str
    facts: tuple[Line, ...]
    answer: str
    problems: tuple[Problem, ...] = ()
    groups: tuple[GroupReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """A whole file. ``counts`` are documents by kind, whether or not they are shown."""

    summary: str
    size: int
    counts: tuple[tuple[str, str, int], ...] = ()
    problems: tuple[Problem, ...] = ()
    envelopes: tuple[EnvelopeReport, ...] = ()
    left_out: int = 0
    problem_count: int = 0
    note_count: int = 0
