"""The content of a plan file: its digest, and what reading it says."""

from __future__ import annotations

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
