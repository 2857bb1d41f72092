"""Text as the market takes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.market.edi.texas_set.text import to_market_phone, to_market_text


class TestToMarketText:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("José Núñez", "JOSE NUNEZ"),
            ("Straße 5 ", "STRASSE 5"),
            ("A*B~C>D", "A B C D"),
            ("  two\n lines\t", "TWO LINES"),
            ("O’Neill & Sons, Inc.", "O'NEILL & SONS, INC."),
            (",", ""),
            ("日本", ""),
            ("", ""),
        ],
    )
    def test_is_upper_case_ascii_without_separators(self, value: str, expected: str) -> None:
        assert to_market_text(value, longest=60) == expected

    def test_is_cut(self) -> None:
        assert to_market_text("ABCDE FGH", longest=6) == "ABCDE"

    @given(st.text(max_size=80), st.integers(0, 60))
    def test_always_can_be_sent(self, value: str, longest: int) -> None:
        text = to_market_text(value, longest=longest)

        assert len(text) <= longest
        assert text.isascii()
        assert text == text.upper()
        assert not set(text) & set("*~>")
        assert to_market_text(text, longest=longest) == text


class TestToMarketPhone:
    def test_keeps_digits(self) -> None:
        assert to_market_phone("+1 (214) 555-0100 ext. 12345678") == "1214555010012345"
