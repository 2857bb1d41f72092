"""Which revision of a day counts."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.meter.domain.revisions import Outcome, Revision, Verdict, judge

FIRST = Revision(
    source_time_us=1_000,
    missing=0,
    estimated=0,
    intake_id=1,
    line=2,
    digest=b"first",
    number=1,
    is_current=True,
    total_wh=10,
)


def arriving(**changes: object) -> Revision:
    fresh = replace(FIRST, intake_id=2, digest=b"second", number=0, is_current=False)
    return replace(fresh, **changes)  # type: ignore[arg-type]


class TestJudge:
    def test_accepts_the_first_values_of_a_day(self) -> None:
        assert judge(stored=[], arriving=[arriving()]) == [Verdict(Outcome.ACCEPTED, 1, True)]

    @pytest.mark.parametrize(
        ("changes", "stored"),
        [
            ({"source_time_us": 1_001}, FIRST),
            ({"source_time_us": 1_001, "estimated": 96}, FIRST),
            ({"source_time_us": 1_001, "missing": 96}, FIRST),
            ({"estimated": 3}, replace(FIRST, estimated=4)),
            ({"estimated": 96}, replace(FIRST, missing=1)),
            ({}, FIRST),
        ],
    )
    def test_replaces_by_a_later_better_or_later_received_one(
        self, changes: dict[str, object], stored: Revision
    ) -> None:
        (verdict,) = judge(stored=[stored], arriving=[arriving(**changes)])

        assert verdict == Verdict(Outcome.REPLACED, 2, True, stored)

    @pytest.mark.parametrize(
        "changes",
        [
            {"source_time_us": 999},
            {"source_time_us": 999, "intake_id": 9},
            {"estimated": 1},
            {"missing": 1},
            {"intake_id": 0},
        ],
    )
    def test_keeps_an_older_one_without_letting_it_count(self, changes: dict[str, object]) -> None:
        (verdict,) = judge(stored=[FIRST], arriving=[arriving(**changes)])

        assert verdict == Verdict(Outcome.OLDER, 2, False)

    def test_stores_nothing_of_an_identical_delivery(self) -> None:
        (verdict,) = judge(stored=[FIRST], arriving=[arriving(digest=b"first", intake_id=9)])

        assert verdict == Verdict(Outcome.UNCHANGED, 0, False)

    def test_stores_the_same_values_of_a_later_time_as_unchanged(self) -> None:
        (verdict,) = judge(
            stored=[FIRST], arriving=[arriving(digest=b"first", source_time_us=2_000)]
        )

        assert verdict == Verdict(Outcome.UNCHANGED, 2, True, FIRST)

    def test_judges_several_of_one_batch_after_each_other(self) -> None:
        batch = [
            arriving(source_time_us=3, digest=b"c"),
            arriving(source_time_us=1, digest=b"a"),
            arriving(source_time_us=1, digest=b"a"),
            arriving(source_time_us=4, digest=b"d"),
        ]

        verdicts = judge(stored=[], arriving=batch)

        assert [(v.outcome, v.number, v.becomes_current) for v in verdicts] == [
            (Outcome.ACCEPTED, 1, True),
            (Outcome.OLDER, 2, False),
            (Outcome.UNCHANGED, 0, False),
            (Outcome.REPLACED, 3, True),
        ]

    @given(
        st.lists(
            st.builds(
                Revision,
                source_time_us=st.integers(0, 3),
                missing=st.integers(0, 1),
                estimated=st.integers(0, 1),
                intake_id=st.integers(1, 4),
                line=st.integers(2, 4),
                digest=st.sampled_from([b"a", b"b", b"c"]),
            ).map(
                # A digest stands for values and qualities, so it fixes what is missing.
                lambda r: replace(r, digest=r.digest + bytes([r.missing, r.estimated]))
            ),
            min_size=1,
            max_size=4,
            unique_by=(lambda r: r.rank[:3], lambda r: (r.intake_id, r.line)),
        )
    )
    def test_ends_alike_in_whatever_order_revisions_come(self, revisions: list[Revision]) -> None:
        winners = set()
        for order in itertools.permutations(revisions):
            stored: list[Revision] = []
            for revision in order:
                (verdict,) = judge(stored=stored, arriving=[revision])
                if verdict.number:
                    stored.append(
                        replace(revision, number=verdict.number, is_current=verdict.becomes_current)
                    )
            current = max((r for r in stored if r.is_current), key=lambda r: r.number)
            winners.add((current.source_time_us, current.digest))

        assert len(winners) == 1
