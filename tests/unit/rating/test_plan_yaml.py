"""YAML of plan files: no digit lost, no surprise types, refusals with their line."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.rating import InvalidPlan, load_plan_yaml


class TestLoadPlanYaml:
    def test_keeps_words_times_dates_and_digits(self) -> None:
        text = """
        on: first_bill
        yes: no
        price: "0.10"
        term: 12
        at: 20:00
        season: 06-01
        date: 2026-07-04
        nothing: null
        flag: true
        levels: {500: "14.4"}
        """

        assert load_plan_yaml(text) == {
            "on": "first_bill",
            "yes": "no",
            "price": "0.10",
            "term": 12,
            "at": "20:00",
            "season": "06-01",
            "date": dt.date(2026, 7, 4),
            "nothing": None,
            "flag": True,
            "levels": {500: "14.4"},
        }

    @pytest.mark.parametrize(
        ("text", "path", "message"),
        [
            ("a: x\nb: 0.14", "line 2", 'write the number in quotes: "0.14"'),
            ("a: .5", "line 1", 'write the number in quotes: ".5"'),
            ("a: 1e3", "line 1", 'write the number in quotes: "1e3"'),
            ("a: .nan", "line 1", 'write the number in quotes: ".nan"'),
            ("a: {b: 1,\n  b: 2}", "line 2", "the key 'b' stands twice"),
            ("a: &x [1]\nb: *x", "line 2", "references (*name) are not allowed"),
            ("a: !!python/name:os.system", "line 1", "tags (!name) are not allowed"),
            ("a: 2026-02-30", "line 1", "no such date: 2026-02-30"),
            ("a: " + "[" * 30, "line 1", "is nested too deeply"),
            ("? [a]\n: b", "line 1", "a key must be a plain word"),
            ("- a", "document", "must be a mapping of fields"),
            ("", "document", "must be a mapping of fields"),
            ("a: 1\n---\nb: 2", "line 2", "is not YAML: but found another document"),
            ("a: [1", "line 1", "is not YAML: expected ',' or ']', but got '<stream end>'"),
            ("#" * 1_000_001, "document", "has more than 1000000 characters"),
        ],
    )
    def test_refuses_with_the_line(self, text: str, path: str, message: str) -> None:
        with pytest.raises(InvalidPlan) as refused:
            load_plan_yaml(text)

        assert refused.value.problems == ((path, message),)

    def test_refuses_control_characters(self) -> None:
        with pytest.raises(InvalidPlan, match="is not YAML"):
            load_plan_yaml("a: \x00")
