"""The layouts of the flattened formats, as ``guides/pipe.yaml`` and ``guides/prism.yaml`` say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

import yaml

from ossrep.market.edi.flat.model import cannot_write

_GUIDES = Path(__file__).parents[1] / "guides"
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipeLayout:
    """The columns of one kind of pipe file and the words it has for codes."""

    kinds: Sequence[str]
    set_code: str
    columns: Words
    purposes: Words
    report_types: Words
    derived: frozenset[str]
    constants: Words
    texts: Mapping[str, Words]
    item: Words

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Where an L line has each field: name to index."""
        found = {_plain(name): index for index, name in enumerate(names)}
        return {
            field: found[_plain(column)]
            for field, column in self.columns.items()
            if _plain(column) in found
        }

    def text_of(self, field: str, code: str) -> str:
        """What the provider writes beside a code; nothing where that is not known."""
        return self.texts.get(field, {}).get(code, "") if code else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrismLayout:
    """The records of one kind of Prism file: record to field to index, and least lengths."""

    state: str
    records: Mapping[str, Mapping[str, int]]
    lengths: Mapping[str, int]
    loops: Sequence[Words]
    measures: str
    item: Words

    def record(self, tag: str, **values: str) -> str:
        """A line with these values in their places; each field ends with the separator."""
        places = self.records[tag]
        size = max(
            self.lengths.get(tag, 0), *(places[name] + 1 for name, text in values.items() if text)
        )
        fields = [tag] + [""] * (size - 1)
        for name, text in values.items():
            if text:
                fields[places[name]] = plain_text(text, "|", "Prism")
        return "|".join(fields) + "|"


@lru_cache(maxsize=4)
def pipe_layout(name: str) -> PipeLayout:
    """``usage`` or ``invoice``."""
    found = cast("Mapping[str, object]", _load("pipe.yaml")[name])
    return PipeLayout(
        kinds=cast("Sequence[str]", found["kinds"]),
        set_code=cast("str", found["set"]),
        columns=cast("Words", found["columns"]),
        purposes=cast("Words", found["purposes"]),
        report_types=cast("Words", found["report_types"]),
        derived=frozenset(cast("Sequence[str]", found["derived"])),
        constants=cast("Words", found["constants"]),
        texts=cast("Mapping[str, Words]", found.get("texts", {})),
        item=cast("Words", found.get("item", {})),
    )


@lru_cache(maxsize=1)
def pipe_header() -> tuple[Mapping[str, int], Words]:
    """Where the H line has its fields, and what it always says."""
    found = cast("Mapping[str, object]", _load("pipe.yaml")["headers"])
    fields = cast("Sequence[str]", found["fields"])
    constants = {name: cast("str", found[name]) for name in ("release", "state")}
    return {name: index for index, name in enumerate(fields, start=1)}, constants


@lru_cache(maxsize=4)
def prism_layout(name: str) -> PrismLayout:
    """``usage``, ``invoice`` or ``remittance``."""
    found = _load("prism.yaml")
    records = cast("Mapping[str, Mapping[str, str]]", found[name])
    lengths = cast("Mapping[str, Mapping[str, str]]", found["lengths"])[name]
    return PrismLayout(
        state=cast("str", found["state"]),
        records={
            tag: {field: int(index) for field, index in fields.items()}
            for tag, fields in records.items()
        },
        lengths={tag: int(length) for tag, length in lengths.items()},
        loops=cast("Sequence[Words]", found["loops"]),
        measures=cast("Words", found["measures"])["value"],
        item=cast("Words", found["item"]),
    )


def code_of(words: Words, word: str) -> str:
    """The code for a provider's word; a word that no table has is kept as it is."""
    return words.get(word.upper(), word)


def word_of(words: Words, code: str) -> str:
    """The provider's word for a code; a code that no table has is written as it is."""
    return next((word for word, known in words.items() if known == code), code)


def plain_text(text: str, separator: str, layout: str) -> str:
    """``text`` if a line can carry it and give it back."""
    if separator in text or text != text.strip() or any(ord(c) < 32 for c in text):
        raise cannot_write(layout, f"the text {text[:60]!r}")
    return text


def _plain(name: str) -> str:
    return name.strip().replace(" ", "_").casefold()


@lru_cache(maxsize=2)
def _load(name: str) -> Mapping[str, object]:
    loaded: Mapping[str, object] = yaml.load(
        (_GUIDES / name).read_bytes(),
        yaml.CBaseLoader,  # noqa: S506  only text comes out
    )
    return loaded
