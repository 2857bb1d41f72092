"""What went through the market: counts, and one newcomer's trail through the files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.demo.runner import run_command

_OURS, _THEIRS, _INTERVALS, _FAULT = "received", "sent", "intervals", "fault"
_PAID, _REMITTANCE = "paid", "820_02"
_TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailStep:
    """A message about the example: its kind, whether it is ours, and its file."""

    kind: str
    is_ours: bool
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSummary:
    """States of enrollments; messages by kind, ours and theirs; what went wrong on purpose."""

    folder: Path
    enrollments: Mapping[str, int]
    ours: Mapping[str, int]
    theirs: Mapping[str, int]
    interval_files: int
    faults: Mapping[str, int]
    example_esi_id: str
    example_order: str
    trail: Sequence[TrailStep]


def collect_market(*, folder: Path) -> MarketSummary | None:
    """Reads the simulated market's journal; None where none was played."""
    journal = folder / "journal.jsonl"
    if not journal.exists():
        return None
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    wishes = run_command("customer", "enrollments", "--json").rows
    example = next((w for w in reversed(wishes) if w["state"] == "completed"), None)
    esi_id = example["esi_id"] if example else ""
    return MarketSummary(
        folder=folder,
        enrollments=Counter(wish["state"] for wish in wishes),
        ours=_kinds(lines, _OURS),
        theirs=_kinds(lines, _THEIRS),
        interval_files=sum(line["what"] == _INTERVALS for line in lines),
        faults=Counter(line["fault"] for line in lines if line["what"] == _FAULT),
        example_esi_id=esi_id,
        example_order=example["order_reference"] if example else "",
        trail=_trail(lines, esi_id, folder),
    )


def _kinds(lines: Sequence[Mapping[str, Any]], what: str) -> Mapping[str, int]:
    counts = Counter(line["kind"] for line in lines if line["what"] == what)
    return dict(sorted(counts.items()))


def _trail(lines: Sequence[Mapping[str, Any]], esi_id: str, folder: Path) -> Sequence[TrailStep]:
    """The first message of each kind about an ESI ID."""
    found: dict[str, TrailStep] = {}
    for message in _messages_about(lines, esi_id) if esi_id else ():
        path = folder / message["file"]
        taken = path.parent / _TAKEN / path.name
        step = TrailStep(
            kind=message["kind"],
            is_ours=message["what"] == _OURS,
            path=taken if taken.exists() else path,
        )
        found.setdefault(step.kind, step)
    return list(found.values())


def _messages_about(lines: Sequence[Mapping[str, Any]], esi_id: str) -> Iterator[Mapping[str, Any]]:
    """A remittance is of many ESI IDs: what it pays is told after it, line by line."""
    remittance: Mapping[str, Any] | None = None
    for line in lines:
        if line["what"] == _OURS and line["kind"] == _REMITTANCE:
            remittance = line
        elif line.get("esi_id") != esi_id:
            continue
        elif line["what"] in (_OURS, _THEIRS):
            yield line
        elif line["what"] == _PAID and remittance is not None:
            yield remittance
