"""Every example of the plan file's documentation is a plan that can be sold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.yaml_files import parse_yaml
from ossrep.rating import Plan, parse_plan
from ossrep.rating.component_documents import KINDS

TEXT = (Path(__file__).parents[3] / "docs" / "formats" / "plan.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
TOP = next(block for block in BLOCKS if block.startswith("plan:"))
COMPONENTS = [block for block in BLOCKS if block.startswith("- kind:")]


def read(text: str) -> dict[str, Any]:
    document: dict[str, Any] = parse_yaml(text=text, name="plan.md").data
    return document


def with_components(block: str) -> Plan:
    document = read(TOP)
    del document["efl"]
    document["components"] = read("components:\n" + block)["components"]
    return parse_plan(document=document)


class TestExamples:
    def test_begin_with_a_whole_plan(self) -> None:
        plan = parse_plan(document=read(TOP))

        assert plan.code == "SUNNY-NIGHTS-12"
        assert [component.code for component in plan.components] == ["energy", "delivery"]

    @pytest.mark.parametrize("block", COMPONENTS)
    def test_are_accepted(self, block: str) -> None:
        plan = with_components(block)

        assert len(plan.components) == block.count("- kind:")

    def test_show_every_kind(self) -> None:
        shown = {kind for block in COMPONENTS for kind in re.findall(r"- kind: (\w+)", block)}

        assert shown == set(KINDS)

    def test_show_a_label_s_assumptions(self) -> None:
        block = next(block for block in BLOCKS if block.startswith("efl:"))
        document = read(TOP) | read(block)
        document["components"] = [
            {
                "kind": "free_nights",
                "code": "nights",
                "from": "21:00",
                "to": "06:00",
                "price_usd_per_kwh": "0.1",
            },
            {"kind": "energy_indexed", "code": "index", "series": "ERCOT:LZ_HOUSTON"},
        ]

        efl = parse_plan(document=document).efl

        assert efl is not None
        assert efl.tdsp == "CENTERPOINT"
