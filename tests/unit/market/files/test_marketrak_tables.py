"""States and subtypes of MarkeTrak issues."""

from __future__ import annotations

import pytest

from ossrep.market.domain.marketrak import (
    TRANSITIONS,
    MarketrakRefused,
    State,
    Trigger,
    get_subtype,
    load_subtypes,
    next_state,
)
from ossrep.market.domain.timing import get_timing


class TestNextState:
    def test_closes_from_every_other_state_and_leaves_it_never(self) -> None:
        closing = {state for (state, trigger) in TRANSITIONS if trigger is Trigger.CLOSE}

        assert closing == set(State) - {State.CLOSED}
        with pytest.raises(MarketrakRefused, match="they answer: not while the issue is closed"):
            next_state(state="closed", trigger=Trigger.THEY_ANSWER)


class TestSubtypes:
    def test_name_only_limits_of_the_timing_table(self) -> None:
        for subtype in load_subtypes().values():
            keys = [
                *subtype.answer,
                *subtype.our_answer,
                *(k for d in subtype.duties.values() for k in d),
            ]
            for key in keys:
                assert get_timing(key=key).confidence == "sourced"
            assert subtype.confidence in {"sourced", "inferred", "general", "unsourced"}
            assert subtype.source

    def test_tell_what_there_is(self) -> None:
        with pytest.raises(MarketrakRefused, match="no subtype is called 'x'; there are inadv"):
            get_subtype("x")
