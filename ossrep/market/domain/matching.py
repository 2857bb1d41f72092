"""Which usage and which invoice of a service point count: pure functions of the documents known.

A cancel ends the document that it names; a replacement counts when what it replaces has ended
(RMG 9 D2: a correction before its cancel waits). Nothing depends on the order in which documents
came, so every order ends in the same state.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Period = tuple[dt.date, dt.date]
"""Local dates ``[start, end)``."""

CANCEL = "cancel"
REPLACE = "replace"
ORIGINAL = "original"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What matching needs to know of an 867_03 or 810_02.

    ``purpose`` is ``original``, ``cancel``, ``replace`` or an unknown code;
    ``original_reference`` the document that a cancel ends or a replacement replaces.
    ``usage_reference`` is the 867_03 that an invoice names (BIG05). A refused document (824) has
    no effect, except that it may be replaced.
    """

    document_id: int
    reference: str
    purpose: str
    original_reference: str = ""
    date: dt.date
    period: Period | None = None
    usage_reference: str = ""
    is_standalone: bool = False
    is_refused: bool = False


class PeriodState(StrEnum):
    """How far a service period has come."""

    USAGE_ONLY = "usage_only"
    INVOICE_ONLY = "invoice_only"
    MATCHED = "matched"
    HELD = "held"
    """Usage and invoice contradict each other: a person has to look."""
    EMPTY = "empty"
    """Everything of it was cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodContent:
    """What counts of one period; ``reason`` says to a person why it is held or doubtful."""

    state: PeriodState
    usage: Document | None = None
    invoice: Document | None = None
    reason: str = ""


EMPTY = PeriodContent(state=PeriodState.EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Documents of one kind: those that count, and those that wait with what they wait for."""

    live: tuple[Document, ...]
    waiting: Mapping[int, str]


def judge_documents(documents: Iterable[Document]) -> Standing:
    """Which documents of one kind and service point count, and which wait for another."""
    known = list(documents)
    by_reference = {doc.reference: doc for doc in known if doc.is_refused}
    by_reference |= {doc.reference: doc for doc in known if not doc.is_refused}
    effective = [doc for doc in known if not doc.is_refused]
    ended = {_target(doc, by_reference) for doc in effective if doc.purpose == CANCEL}
    ended |= {
        doc.reference for doc in known if doc.is_refused and by_reference[doc.reference] is doc
    }
    live, waiting = [], {}
    for doc in effective:
        reason = _waits_for(doc, by_reference, ended)
        if reason:
            waiting[doc.document_id] = reason
        elif doc.purpose in (ORIGINAL, REPLACE) and doc.reference not in ended:
            live.append(doc)
    return Standing(live=tuple(live), waiting=waiting)


def match_periods(
    *, usages: Iterable[Document], invoices: Iterable[Document]
) -> Mapping[Period, PeriodContent]:
    """The content of every period of one service point for which something counts."""
    usages, invoices = list(usages), list(invoices)
    known_usages = {doc.reference for doc in usages}
    live_usages = judge_documents(usages).live
    period_of = {doc.reference: doc.period for doc in live_usages}
    usage_by_period = _by_period((doc.period, doc) for doc in live_usages)
    invoice_by_period = _by_period(
        (doc.period or period_of.get(doc.usage_reference), doc)
        for doc in judge_documents(invoices).live
        if not doc.is_standalone
    )
    return {
        period: _content(
            usage_by_period.get(period, ()),
            invoice_by_period.get(period, ()),
            known_usages,
            period_of,
        )
        for period in sorted(usage_by_period.keys() | invoice_by_period.keys())
    }


def find_twins(doc: Document, others: Iterable[Document]) -> Sequence[Document]:
    """Other cancels of the same document that came before (RMG 9 D2: PCO)."""
    if doc.purpose != CANCEL or not doc.original_reference:
        return []
    return [
        other
        for other in others
        if other.purpose == CANCEL
        and not other.is_refused
        and other.document_id != doc.document_id
        and other.original_reference == doc.original_reference
    ]


def _target(doc: Document, by_reference: Mapping[str, Document]) -> str:
    """The number of the document that a correction is about, also where it names its cancel."""
    named, seen = doc.original_reference, {doc.reference}
    while named and named not in seen:
        seen.add(named)
        found = by_reference.get(named)
        if found is None or found.purpose != CANCEL or found.is_refused:
            return named
        named = found.original_reference
    return ""


def _waits_for(doc: Document, by_reference: Mapping[str, Document], ended: set[str]) -> str:
    if doc.purpose == ORIGINAL:
        return ""
    if doc.purpose not in (CANCEL, REPLACE):
        return f"a person: its purpose {doc.purpose!r} is not known"
    target = _target(doc, by_reference)
    if not target:
        return "a person: it names no document that it corrects"
    if doc.purpose == CANCEL:
        return "" if target in by_reference else f"the document {target}, which it cancels"
    return "" if target in ended else f"the cancel of {target}, which it replaces"


def _by_period(
    found: Iterable[tuple[Period | None, Document]],
) -> Mapping[Period, Sequence[Document]]:
    """By period, the newest first; the number decides between those of one day."""
    by_period: dict[Period, list[Document]] = defaultdict(list)
    for period, doc in found:
        if period is not None:
            by_period[period].append(doc)
    for docs in by_period.values():
        docs.sort(key=lambda doc: (doc.date, doc.reference), reverse=True)
    return by_period


def _content(
    usages: Sequence[Document],
    invoices: Sequence[Document],
    known_usages: set[str],
    period_of: Mapping[str, Period | None],
) -> PeriodContent:
    usage = usages[0] if usages else None
    invoice = _choose(invoices, usage)
    reason = _conflict(usages, invoices)
    if usage is None and invoice is None:
        return EMPTY
    if invoice is None:
        return PeriodContent(state=PeriodState.USAGE_ONLY, usage=usage, reason=reason)
    state = PeriodState.MATCHED if usage else PeriodState.INVOICE_ONLY
    named = invoice.usage_reference
    if named in period_of and (usage is None or named != usage.reference):
        state = PeriodState.HELD
        reason = f"the invoice names usage {named}, which is of another period"
    elif usage is not None and named in known_usages and named != usage.reference:
        state = PeriodState.HELD
        reason = f"the invoice names usage {named}, which counts no more"
    elif usage is not None and invoice.purpose == REPLACE and named and named not in known_usages:
        # The replacing usage is on its way: what still counts is not what was billed on.
        state = PeriodState.HELD
        reason = f"the invoice names usage {named}, which has not come"
    elif reason:
        state = PeriodState.HELD
    return PeriodContent(state=state, usage=usage, invoice=invoice, reason=reason)


def _choose(invoices: Sequence[Document], usage: Document | None) -> Document | None:
    """The invoice that names the usage, else the newest."""
    if usage is not None:
        for doc in invoices:
            if doc.usage_reference == usage.reference:
                return doc
    return invoices[0] if invoices else None


def _conflict(usages: Sequence[Document], invoices: Sequence[Document]) -> str:
    told = [
        f"{len(docs)} {name} of one period count: {', '.join(doc.reference for doc in docs)}"
        for name, docs in (("usages", usages), ("invoices", invoices))
        if len(docs) > 1
    ]
    return "; ".join(told)
