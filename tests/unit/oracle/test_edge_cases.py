"""The reference against what was worked out by hand at each edge."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.oracle.documents import Document
from tests.oracle.edge_case import EdgeCase
from tests.oracle.edge_cases import EDGE_CASES
from tests.oracle.reference_bill import reference_bill


def facts(bill: Document, wanted: Document) -> Document:
    """The facts of a bill that an edge case fixes."""
    if "error" in bill:
        return {"refused": True}
    known: Document = {
        "amounts": [line["amount_usd"] for line in bill["lines"]],
        "taxes": [(tax["code"], tax["place"], tax["amount_usd"]) for tax in bill["taxes"]],
        "splits": [
            [(part["section"], part["amount_usd"]) for part in tax["split"]]
            for tax in bill["taxes"]
        ],
        "bank": bill["banks"][0],
        "average": bill["average_price_cents_per_kwh"],
        "total": bill["total_usd"],
        "refused": False,
    }
    return {name: known[name] for name in wanted}


class TestEdgeCases:
    @pytest.mark.parametrize("edge", EDGE_CASES, ids=lambda edge: edge.name)
    def test_comes_out_as_worked_by_hand(self, edge: EdgeCase) -> None:
        bill = reference_bill(edge.case)

        assert facts(bill, edge.expected) == edge.expected, bill.get("error")

    def test_names_are_unique(self) -> None:
        names = Counter(edge.name for edge in EDGE_CASES)

        assert [name for name, count in names.items() if count > 1] == []

    def test_cases_are_plain_documents(self) -> None:
        for edge in EDGE_CASES:
            assert json.loads(json.dumps(edge.case)) == edge.case
