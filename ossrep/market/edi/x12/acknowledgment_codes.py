"""The table ``acknowledgment_codes.yaml``: what X12 code tells which fault."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Answer:
    """An X12 code, empty where the list has none, and the answer it stands for (R or E)."""

    code: str
    answer: str


@dataclass(frozen=True, slots=True)
class AcknowledgmentCodes:
    """Fault code to X12 code, for each part of a file; ``meanings`` by element and code."""

    interchange: Mapping[str, Answer]
    group: Mapping[str, Answer]
    set: Mapping[str, Answer]
    segment: Mapping[str, Answer]
    element: Mapping[str, Answer]
    meanings: Mapping[str, Mapping[str, str]]

    def meaning(self, element: str, code: str) -> str:
        """What a code of ``AK502`` and the like says; empty where the list does not have it."""
        return self.meanings.get(element, {}).get(code, "")


@functools.cache
def acknowledgment_codes() -> AcknowledgmentCodes:
    """The table, read once."""
    text = resources.files(__package__).joinpath("acknowledgment_codes.yaml").read_text("utf-8")
    table = yaml.safe_load(text)
    parts = {
        part: {
            fault: Answer(str(row.get("note", row.get("code", ""))), row.get("answer", "R"))
            for fault, row in table[part].items()
        }
        for part in ("interchange", "group", "set", "segment", "element")
    }
    return AcknowledgmentCodes(**parts, meanings=table["meanings"])
