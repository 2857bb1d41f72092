"""The documented plan files are plans, and every kind has an example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.yaml_files import parse_yaml
from ossrep.product.domain.shared_names import Kind, SharedVersion, resolve_shared_names
from ossrep.rating import parse_plan

FORMATS = Path(__file__).parents[3] / "docs" / "formats"


def _blocks(name: str) -> list[Any]:
    text = (FORMATS / name).read_text()
    found = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    return [parse_yaml(text=block, name=name).data for block in found]


BLOCKS = _blocks("plan-examples.md")
KINDS: tuple[tuple[str, Kind], ...] = (("holidays", "holidays"), ("calendars", "calendar"))
SHARED = {
    (kind, name): SharedVersion(kind, name, 1, definition)
    for field, kind in KINDS
    for name, definition in _blocks("calendars.md")[0][field].items()
}


def _document(block: Any) -> dict[str, Any]:
    if isinstance(block, dict):
        return block
    return {
        "plan": "EXAMPLE",
        "name": "Example",
        "brand": "PRAIRIE",
        "product_type": "variable",
        "customer_class": "residential",
        "term_months": 0,
        "components": block,
    }


class TestPlanExamples:
    @pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
    def test_is_a_plan(self, block: Any) -> None:
        document = resolve_shared_names(document=_document(block), shared=SHARED).document

        assert parse_plan(document=document).components

    def test_has_every_kind(self) -> None:
        shown = {c["kind"] for block in BLOCKS for c in _document(block)["components"]}

        documented = set(re.findall(r"^\| `(\w+)`(?:, `(\w+)`)? \|", _kinds(), re.MULTILINE))
        assert shown == {kind for pair in documented for kind in pair if kind}


def _kinds() -> str:
    text = (FORMATS / "plan.md").read_text()
    return text.split("## Kinds")[1].split("A window is")[0].split("|---|---|")[1]
