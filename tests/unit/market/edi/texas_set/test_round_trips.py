"""Whatever can be written reads back, and whatever arrives is read or refused, never dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.reading import read_transaction
from ossrep.market.edi.texas_set.writing import write_transaction
from ossrep.market.edi.x12.model import Segment
from tests.factories.texas_set import transactions
from tests.unit.market.edi.texas_set.written_texts import EXPECTED, OWN_KINDS, as_set, load

EACH_KIND = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FUZZ = settings(max_examples=25, deadline=None)
READING = {
    "segment_missing",
    "element_missing",
    "element_too_long",
    "element_too_short",
    "element_value",
    "kind_unknown",
    "kind_unread",
    "kind_conflict",
}
T = TypeVar("T")
VALUES = st.sampled_from(
    ["", "0", "Y", "N", "Q5", "7G", "20250230", "2400", "99999999", "-1", "1E9", "Ä", "\x00", "~"]
) | st.text(max_size=100)


class TestEveryKind:
    @pytest.mark.parametrize("kind", OWN_KINDS)
    @EACH_KIND
    @given(st.data())
    def test_reads_what_it_writes(self, kind: str, data: st.DataObject) -> None:
        transaction = data.draw(transactions(kind))

        written = write_transaction(transaction)

        assert read_transaction(as_set(written)) == transaction
        assert written[-1][1] == str(len(written))

    @pytest.mark.parametrize("kind", OWN_KINDS)
    @EACH_KIND
    @given(st.data())
    def test_puts_unknown_segments_and_elements_back(self, kind: str, data: st.DataObject) -> None:
        segments = write_transaction(data.draw(transactions(kind)))
        for tag in data.draw(st.lists(st.sampled_from(["ZZ1", "MSG", "K3"]), max_size=3)):
            place = data.draw(st.integers(1, len(segments) - 1))
            segments.insert(place, [tag, "SOME", "", "THING"])
        longer = data.draw(st.integers(1, len(segments) - 2))
        segments[longer] = [*segments[longer], *[""] * 6, "X"]
        segments[-1][1] = str(len(segments))

        assert write_transaction(read_transaction(as_set(segments))) == segments


@st.composite
def mutated(draw: st.DrawFn, name: str) -> list[Segment]:
    """A written text with segments dropped, doubled, moved and elements overwritten."""
    segments = [list(each) for each in load(name)]
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(segments) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "element", "tag", "empty"])):
            case "drop" if len(segments) > 1:
                del segments[place]
            case "double":
                segments.insert(place, list(segments[place]))
            case "move":
                segments.insert(draw(st.integers(0, len(segments) - 1)), segments.pop(place))
            case "element":
                element = draw(st.integers(1, 12))
                segments[place] += [""] * (element + 1 - len(segments[place]))
                segments[place][element] = draw(VALUES)
            case "tag":
                segments[place][:1] = [draw(st.sampled_from(["REF", "N1", "NM1", "N3", "X", ""]))]
            case _:
                segments[place] = segments[place][:1]
    return segments


class TestMutatedTexts:
    @pytest.mark.parametrize("name", EXPECTED)
    @FUZZ
    @given(st.data())
    def test_raise_nothing_but_edi_errors(self, name: str, data: st.DataObject) -> None:
        segments = data.draw(mutated(name))
        found = as_set([["ST", name[:3], "0001"], *segments])

        transaction = _outcome(lambda: read_transaction(found))

        if isinstance(transaction, Fault):
            assert transaction.code in READING
            return
        again = _outcome(lambda: write_transaction(transaction))
        if isinstance(again, Fault):
            assert again.code == "element_text"
            return
        assert sorted(again[1:-1]) == sorted(
            each for each in segments if each and each[0] not in ("ST", "SE")
        )


def _outcome(step: Callable[[], T]) -> T | Fault:
    try:
        return step()
    except EdiError as error:
        return error.fault
