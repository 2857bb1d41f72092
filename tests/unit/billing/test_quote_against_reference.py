"""The product's bill against the slow reference, to the cent, on random plans and usage."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from ossrep.billing.domain.quotes import answer
from tests.oracle.compare import differences
from tests.oracle.documents import Document
from tests.oracle.edge_case import EdgeCase
from tests.oracle.edge_cases import EDGE_CASES
from tests.oracle.reference_bill import reference_bill
from tests.oracle.strategies import cases, refused_cases

ROOMY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
some = settings(max_examples=150, deadline=None, suppress_health_check=ROOMY)
many = settings(max_examples=3_000, deadline=None, suppress_health_check=ROOMY)


class TestQuoteAgainstReference:
    @some
    @given(case=cases())
    def test_bills_agree_to_the_cent(self, case: Document) -> None:
        assert differences(answer(case), reference_bill(case)) == []

    @some
    @given(case=refused_cases())
    def test_refusals_agree(self, case: Document) -> None:
        assert differences(answer(case), reference_bill(case)) == []

    @pytest.mark.long
    @many
    @given(case=cases())
    def test_many_bills_agree_to_the_cent(self, case: Document) -> None:
        assert differences(answer(case), reference_bill(case)) == []

    @pytest.mark.long
    @many
    @given(case=refused_cases())
    def test_many_refusals_agree(self, case: Document) -> None:
        assert differences(answer(case), reference_bill(case)) == []

    @pytest.mark.parametrize("edge", EDGE_CASES, ids=lambda edge: edge.name)
    def test_agrees_at_the_edge(self, edge: EdgeCase) -> None:
        assert differences(answer(edge.case), reference_bill(edge.case)) == []

    @some
    @given(case=cases())
    def test_answers_are_plain_json(self, case: Document) -> None:
        bill = answer(case)

        assert json.loads(json.dumps(bill, allow_nan=False)) == bill
