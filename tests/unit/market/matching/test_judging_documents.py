"""Which usage and invoice count, whatever the order in which documents come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ossrep.market.domain.matching import (
    Document,
    PeriodState,
    find_twins,
    judge_documents,
    match_periods,
)

MAY = (dt.date(2026, 5, 4), dt.date(2026, 6, 3))
JUNE = (dt.date(2026, 6, 3), dt.date(2026, 7, 2))
# A shared machine may be slow to make examples.
AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def document(reference: str, purpose: str = "original", of: str = "", **values: object) -> Document:
    """A document of May; numbered by its place in the alphabet."""
    given_values: dict[str, object] = {
        "document_id": sum(ord(char) * 131**place for place, char in enumerate(reference)),
        "reference": reference,
        "purpose": purpose,
        "original_reference": of,
        "date": dt.date(2026, 6, 4),
        "period": MAY,
        **values,
    }
    return Document(**given_values)  # type: ignore[arg-type]


def chain(prefix: str) -> list[Document]:
    """Original, cancel, replace, cancel of the replace, replace."""
    return [
        document(f"{prefix}1"),
        document(f"{prefix}2", "cancel", f"{prefix}1"),
        document(f"{prefix}3", "replace", f"{prefix}1"),
        document(f"{prefix}4", "cancel", f"{prefix}3"),
        document(f"{prefix}5", "replace", f"{prefix}3"),
    ]


def invoices_of_chain() -> list[Document]:
    """Each invoice names the usage of its step."""
    return [
        document(
            each.reference,
            each.purpose,
            each.original_reference,
            usage_reference=each.reference.replace("I", "U"),
        )
        for each in chain("I")
    ]


def live(documents: Sequence[Document]) -> set[str]:
    return {doc.reference for doc in judge_documents(documents).live}


class TestJudgeDocuments:
    def test_an_original_counts(self) -> None:
        assert live([document("U1")]) == {"U1"}

    def test_a_cancelled_one_counts_no_more(self) -> None:
        assert live(chain("U")[:2]) == set()

    def test_a_replacement_counts_after_the_cancel(self) -> None:
        assert live(chain("U")[:3]) == {"U3"}

    def test_a_replacement_before_its_cancel_waits(self) -> None:
        original, _, replacement, *_ = chain("U")
        found = judge_documents([original, replacement])
        assert [doc.reference for doc in found.live] == ["U1"]
        assert found.waiting == {replacement.document_id: "the cancel of U1, which it replaces"}

    def test_a_cancel_without_its_original_waits(self) -> None:
        cancel = chain("U")[1]
        assert judge_documents([cancel]).waiting == {
            cancel.document_id: "the document U1, which it cancels"
        }

    def test_a_replacement_may_name_the_cancel(self) -> None:
        documents = [*chain("U")[:2], document("U3", "replace", "U2")]
        assert live(documents) == {"U3"}

    def test_a_second_replacement_may_name_the_original(self) -> None:
        documents = [*chain("U")[:4], document("U5", "replace", "U1")]
        assert live(documents) == {"U5"}

    def test_what_was_refused_may_be_replaced(self) -> None:
        documents = [document("U1", is_refused=True), document("U3", "replace", "U1")]
        assert live(documents) == {"U3"}

    def test_a_refused_number_may_come_again(self) -> None:
        documents = [document("U1", is_refused=True), document("U1", document_id=2)]
        assert live(documents) == {"U1"}

    def test_a_refused_cancel_ends_nothing(self) -> None:
        assert live([document("U1"), document("U2", "cancel", "U1", is_refused=True)]) == {"U1"}

    def test_an_unknown_purpose_waits_for_a_person(self) -> None:
        odd = document("U1", "77")
        assert judge_documents([odd]).waiting == {
            odd.document_id: "a person: its purpose '77' is not known"
        }

    def test_cancels_that_name_each_other_end_nothing(self) -> None:
        documents = [document("U1"), document("A", "cancel", "B"), document("B", "cancel", "A")]
        assert live(documents) == {"U1"}

    @AT_LEISURE
    @given(st.permutations(chain("U")), st.integers(0, 5))
    def test_every_order_of_any_part_gives_what_the_sent_order_gives(
        self, order: list[Document], count: int
    ) -> None:
        part = order[:count]
        sent = [doc for doc in chain("U") if doc in part]
        assert judge_documents(part).waiting == judge_documents(sent).waiting
        assert live(part) == live(sent)

    @AT_LEISURE
    @given(st.permutations(chain("U")))
    def test_every_order_of_the_whole_chain_ends_in_the_last_replacement(
        self, order: list[Document]
    ) -> None:
        found = judge_documents(order)
        assert [doc.reference for doc in found.live] == ["U5"]
        assert found.waiting == {}


class TestMatchPeriods:
    def test_by_the_number_of_the_usage(self) -> None:
        found = match_periods(
            usages=[document("U1")], invoices=[document("I1", usage_reference="U1")]
        )
        assert found[MAY].state is PeriodState.MATCHED

    def test_by_the_period_where_the_invoice_names_nothing(self) -> None:
        found = match_periods(usages=[document("U1")], invoices=[document("I1")])
        assert found[MAY].state is PeriodState.MATCHED

    def test_an_invoice_without_dates_takes_those_of_its_usage(self) -> None:
        invoice = document("I1", usage_reference="U1", period=None)
        found = match_periods(usages=[document("U1")], invoices=[invoice])
        assert found[MAY].state is PeriodState.MATCHED

    def test_usage_alone(self) -> None:
        assert match_periods(usages=[document("U1")], invoices=[])[MAY].state == "usage_only"

    def test_an_invoice_alone(self) -> None:
        found = match_periods(usages=[], invoices=[document("I1", usage_reference="U1")])
        assert found[MAY].state is PeriodState.INVOICE_ONLY

    def test_other_dates_than_the_usage_are_held(self) -> None:
        invoice = document("I1", usage_reference="U1", period=JUNE)
        found = match_periods(usages=[document("U1")], invoices=[invoice])
        assert {period: content.state for period, content in found.items()} == {
            MAY: PeriodState.USAGE_ONLY,
            JUNE: PeriodState.HELD,
        }
        assert found[JUNE].reason == "the invoice names usage U1, which is of another period"

    def test_the_invoice_of_cancelled_usage_does_not_match_its_replacement(self) -> None:
        found = match_periods(
            usages=chain("U")[:3], invoices=[document("I1", usage_reference="U1")]
        )
        assert found[MAY].state is PeriodState.HELD
        assert found[MAY].reason == "the invoice names usage U1, which counts no more"

    def test_hold_a_replacing_invoice_whose_usage_has_not_come(self) -> None:
        invoices = [
            document("I1", usage_reference="U1"),
            document("I2", "cancel", "I1"),
            document("I3", "replace", "I1", usage_reference="U3"),
        ]

        found = match_periods(usages=[document("U1")], invoices=invoices)

        assert found[MAY].state == PeriodState.HELD
        assert found[MAY].reason == "the invoice names usage U3, which has not come"

    def test_standalone_invoices_stand_in_no_period(self) -> None:
        invoice = document("I1", is_standalone=True)
        assert match_periods(usages=[], invoices=[invoice]) == {}

    def test_two_usages_of_one_period_are_held(self) -> None:
        found = match_periods(
            usages=[document("U1"), document("U9")],
            invoices=[document("I1", usage_reference="U1")],
        )
        assert found[MAY].state is PeriodState.HELD

    @AT_LEISURE
    @given(st.permutations([*chain("U"), *invoices_of_chain()]))
    def test_every_order_ends_in_the_same_pair(self, order: list[Document]) -> None:
        found = match_periods(
            usages=[doc for doc in order if doc.reference.startswith("U")],
            invoices=[doc for doc in order if doc.reference.startswith("I")],
        )
        content = found[MAY]
        assert content.usage is not None
        assert content.invoice is not None
        assert (content.usage.reference, content.invoice.reference) == ("U5", "I5")
        assert content.state is PeriodState.MATCHED


class TestFindTwin:
    def test_a_second_cancel_has_the_first(self) -> None:
        first, second = chain("U")[1], document("U9", "cancel", "U1")
        assert find_twins(second, [first, second]) == [first]

    def test_a_cancel_of_something_else_is_none(self) -> None:
        assert find_twins(chain("U")[3], chain("U")) == []
