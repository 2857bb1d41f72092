"""Faults as a person reads them, with the segment they stand in and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources

import yaml

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.lint.model import Problem
from ossrep.market.edi.lint.reading import shown
from ossrep.market.edi.texas_set.model import Transaction

LINE_SHOWN_MAX = 160


def problems_of(
    faults: Iterable[Fault],
    *,
    lines: Sequence[str] = (),
    is_note: bool = False,
    as_line: bool = False,
) -> tuple[Problem, ...]:
    """``lines`` are the segments or lines that ``Fault.segment`` counts from 1.

    ``as_line`` says that they are lines of a flattened file.
    """
    return tuple(
        Problem(
            code=fault.code,
            where=_where(fault, as_line=as_line),
            what=shown(fault.message),
            expected=fault.expected,
            found=shown(fault.found),
            rule=fault.rule,
            line=_line(fault, lines),
            advice=advice_for(fault.code),
            is_note=is_note,
        )
        for fault in faults
    )


def kept_notes(transaction: Transaction) -> tuple[Problem, ...]:
    """What a transaction holds that no table knows: kept, and shown so that someone looks."""
    segments = tuple(
        Problem(
            code="unknown_segment",
            where=f"{placed.segment[0]}, after {placed.after} known segments",
            what="the guide table does not know this segment; it is kept in its place",
            line=shown("*".join(placed.segment))[:LINE_SHOWN_MAX],
            advice=advice_for("unknown_segment"),
            is_note=True,
        )
        for placed in transaction.unknown
    )
    elements = tuple(
        Problem(
            code="stray_element",
            where=f"{stray.place}, element {stray.element}" if stray.element else stray.place,
            what="the element came otherwise than the guide table has it; it is kept"
            if stray.element
            else f"the segment ends with element {stray.value}; it is kept so",
            found=shown(stray.value) if stray.element else "",
            advice=advice_for("stray_element"),
            is_note=True,
        )
        for stray in transaction.strays
    )
    return segments + elements


def advice_for(code: str) -> str:
    """What a person does about a fault."""
    table = _advice()
    return table.get(code, table["default"])


def _where(fault: Fault, *, as_line: bool) -> str:
    if not as_line or fault.segment is None:
        return fault.where
    element = "" if fault.element is None else f", field {fault.element}"
    return f"line {fault.segment}{element}"


def _line(fault: Fault, lines: Sequence[str]) -> str:
    if fault.segment is None or not 0 < fault.segment <= len(lines):
        return ""
    return shown(lines[fault.segment - 1])[:LINE_SHOWN_MAX]


@cache
def _advice() -> Mapping[str, str]:
    text = resources.files(__package__).joinpath("advice.yaml").read_text("utf-8")
    table: Mapping[str, str] = yaml.safe_load(text)
    return table
