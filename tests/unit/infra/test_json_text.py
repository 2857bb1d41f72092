"""JSON that people write, read without surprises."""

from __future__ import annotations

import re

import pytest

from ossrep.infra.json_text import load_json


class TestLoadJson:
    def test_reads_what_json_says(self) -> None:
        text = r'{"a": [1, "x", null, true, 0.5], "b": "\ud83d\ude00", "c": "\\ud800"}'

        assert load_json(text) == {"a": [1, "x", None, True, 0.5], "b": "😀", "c": r"\ud800"}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"kwh": "1", "kwh": "2"}', "the name 'kwh' stands twice in one object"),
            ("[NaN]", "NaN is no number that can be written again"),
            ('{"id": -Infinity}', "-Infinity is no number that can be written again"),
            ("1e999", "1e999 is no number that can be written again"),
            (r'["\uD800"]', r"holds a character that is no text: an escape such as \u0000"),
            (r'{"\udfff": 1}', r"holds a character that is no text: an escape such as \u0000"),
            (r'[{"a": "x\u0000"}]', r"holds a character that is no text: an escape such as \u0000"),
            ("[" * 100_000, "is nested too deeply"),
            ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ],
    )
    def test_refuses_what_others_pass_over(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            load_json(text)
