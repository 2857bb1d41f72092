"""What became of a record: who changed what, when and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a record; ``changes`` are ``field: before → after``."""

    at: dt.datetime
    what: str
    by: str
    why: str
    changes: Sequence[str]


def get_history(*, record: models.Model, limit: int = 20) -> Sequence[HistoryLine]:
    """The latest changes of a tracked record, the newest first."""
    events = list(record.events.order_by("-pgh_id")[: limit + 1])  # type: ignore[attr-defined]
    kept = {field.attname for field in record.events.model._meta.concrete_fields}  # type: ignore[attr-defined]
    names = [
        f.attname for f in record._meta.concrete_fields if f.name != "id" and f.attname in kept
    ]
    lines = []
    for event, before in zip(events, [*events[1:], None], strict=True):
        context: Mapping[str, Any] = event.pgh_context or {}
        lines.append(
            HistoryLine(
                at=event.pgh_created_at,
                what=event.pgh_label,
                by=str(context.get("username") or context.get("os_user") or ""),
                why=str(context.get("reason") or context.get("command") or ""),
                changes=_changes(event, before, names) if before else (),
            )
        )
    return lines[:limit]


def _changes(event: Any, before: Any, names: Sequence[str]) -> list[str]:
    pairs = ((name, getattr(before, name), getattr(event, name)) for name in names)
    return [f"{name}: {_shown(old)} → {_shown(new)}" for name, old, new in pairs if old != new]


def _shown(value: object) -> str:
    return "-" if value in (None, "") else str(value)
