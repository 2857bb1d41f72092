"""The content of a plan file: its digest, and what reading it says."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ossrep.product.domain.fields import Problem
from ossrep.rating import InvalidPlan, Plan, parse_plan


def content_sha256(document: Mapping[str, Any]) -> str:
    """A digest of what a document says, whatever the order of its keys."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_plan(*, document: Mapping[str, Any], problems: list[Problem]) -> Plan | None:
    """The plan of a document that stands alone; None with every problem noted where it is none."""
    try:
        return parse_plan(document=document)
    except InvalidPlan as refusal:
        problems += [
            Problem("" if path == "document" else path, message)
            for path, message in refusal.problems
        ]
        return None


def label_date_of(document: Mapping[str, Any]) -> dt.date | None:
    """The label's date where a document prints a valid one."""
    efl = document.get("efl")
    text = efl.get("label_date") if isinstance(efl, Mapping) else None
    try:
        return dt.date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
