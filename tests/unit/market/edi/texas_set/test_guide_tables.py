"""The tables themselves, and what the compiler says of wrong ones."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.texas_set.changes import MoveOutRequest
from ossrep.market.edi.texas_set.guide.compiling import compile_guide
from ossrep.market.edi.texas_set.guide.reading import read_segments
from ossrep.market.edi.texas_set.guide.tables import (
    GUIDES,
    GuideError,
    Plain,
    Table,
    load_file,
    load_table,
    splice,
)
from ossrep.market.edi.texas_set.kinds import KINDS, guide_of
from tests.unit.market.edi.texas_set.written_texts import OWN_KINDS, load

PLACEHOLDERS = Path(__file__).parents[5] / "docs" / "market" / "placeholders.md"


def move_out(**changes: Plain) -> Table:
    """The 814_24's table with its last segment (DTM*376) changed."""
    table = copy.deepcopy(load_table("814_24"))
    nodes = table["segments"]
    assert isinstance(nodes, list)
    last = nodes[-1]
    assert isinstance(last, dict)
    last.update(changes)
    return table


def unsourced(value: Plain) -> Iterator[str]:
    """Qualifiers that a table marks as unsourced."""
    if isinstance(value, dict):
        if value.get("confidence") == "unsourced" and isinstance(value.get("value"), str):
            yield str(value["value"])
        for each in value.values():
            yield from unsourced(each)
    elif isinstance(value, list):
        for each in value:
            yield from unsourced(each)


class TestEveryTable:
    @pytest.mark.parametrize("kind", KINDS)
    def test_compiles(self, kind: str) -> None:
        guide = guide_of(kind)

        assert (guide.kind, guide.code) == (kind, kind[:3])
        assert guide.name

    def test_has_a_kind(self) -> None:
        files = {path.stem for path in GUIDES.glob("*.yaml")} - {"shared", "identify"}

        assert set(KINDS) <= files

    def test_is_compiled_once(self) -> None:
        assert guide_of("814_05") is guide_of("814_05")

    def test_names_placeholders_that_the_list_for_people_has(self) -> None:
        listed = set(re.findall(r"`(\w+)`", PLACEHOLDERS.read_text()))
        used = {value for kind in OWN_KINDS for value in unsourced(load_table(kind))}

        assert used - listed == set()
        assert len([value for value in used if value.startswith("Z")]) == 33


class TestCompileGuide:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"elements": {}}, "nothing fills field 'requested_date'"),
            ({"elements": {"2": {"field": "wanted"}}}, "MoveOutRequest has no field 'wanted'"),
            ({"elements": {"2": {"field": "esi_id"}}}, "field 'esi_id' is filled twice"),
            ({"elements": {"2": {"field": "customer"}}}, "field 'customer' is no single value"),
            ({"elements": {"2": {"field": "requested_date"}}}, "'requested_date' must be required"),
            ({"elements": {"2": {}}}, "needs one of field, value, length_of"),
            ({"elements": {"two": {"value": "X"}}}, "expected a whole number, not 'two'"),
            ({"confidence": "sure"}, "needs a source and a confidence of sourced, inferred"),
            ({"source": ""}, "needs a source and a confidence"),
            ({"required": "yes"}, "required must be true or false, not 'yes'"),
            ({"requird": "true"}, "does not know requird"),
            ({"children": []}, "children need a field to fill"),
            ({"field": "service"}, "field 'service' is no object of its own"),
            ({"segment": "REF", "match": {"1": "Q5"}}, "REF*Q5 stands twice at one level"),
        ],
    )
    def test_refuses(self, changes: dict[str, Plain], message: str) -> None:
        with pytest.raises(GuideError, match=re.escape(message)) as caught:
            compile_guide(move_out(**changes), MoveOutRequest)

        assert str(caught.value.where).startswith("814_24.yaml")

    def test_refuses_the_table_of_another_kind(self) -> None:
        with pytest.raises(GuideError, match="kind '814_24' is not that of"):
            compile_guide(load_table("814_24"), KINDS["814_25"])

    def test_refuses_unknown_shared_segments(self) -> None:
        with pytest.raises(GuideError, match="no shared segment is called 'nobody'"):
            splice({"segments": [{"use": "nobody"}]}, load_file("shared.yaml"), where="x.yaml")

    def test_refuses_changes_of_several_segments_at_once(self) -> None:
        table: Table = {"segments": [{"use": "to_ercot", "required": "true"}]}

        with pytest.raises(GuideError, match="changes fit a single one"):
            splice(table, load_file("shared.yaml"), where="x.yaml")

    def test_says_which_table_is_missing(self) -> None:
        with pytest.raises(GuideError, match=r"814_99\.yaml: there is no such guide table"):
            load_table("814_99")

    def test_refuses_codes_outside_a_binding_list(self) -> None:
        element: Plain = {
            "field": "requested_date",
            "required": "true",
            "codes": ["20130311"],
            "only_listed": "true",
        }
        guide = compile_guide(move_out(elements={"2": element}), MoveOutRequest)

        with pytest.raises(EdiError) as caught:
            read_segments(guide, load("814_24"))

        assert caught.value.fault.code == "element_code"
        assert (caught.value.fault.expected, caught.value.fault.found) == ("20130311", "20130312")

    def test_fills_every_field_of_every_kind(self) -> None:
        for kind in OWN_KINDS:
            build = KINDS[kind]
            own = {field.name for field in dataclasses.fields(build)} - {"unknown", "strays"}
            empty = own - set(guide_of(kind).root.blanks)

            assert empty <= {"original_reference", "esi_id", "retailer", "tdsp", "service"}, kind
