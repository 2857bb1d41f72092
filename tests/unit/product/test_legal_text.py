"""Terms and rights in plain text: pieces, and what is refused with its line."""

from __future__ import annotations

import pytest

from ossrep.demo.catalog import LEGAL_DIR
from ossrep.product.domain.legal_text import LegalTextInvalid, read_legal_text


def _read(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read_legal_text(text=text, where="t")]


class TestReadLegalText:
    def test_joins_lines_until_an_empty_one_or_the_next_mark(self) -> None:
        text = "# T\nfirst\ngoes on\n\nsecond\n## H\n- one\n  goes on\n- two\n"

        assert _read(text) == [
            ("title", "T"),
            ("paragraph", "first goes on"),
            ("paragraph", "second"),
            ("heading", "H"),
            ("item", "one goes on"),
            ("item", "two"),
        ]

    @pytest.mark.parametrize(
        "text", ["", "no title\n", "# T\n", "# T\ntext\n# again\n", "text\n# T\n"]
    )
    def test_needs_one_title_and_text(self, text: str) -> None:
        with pytest.raises(LegalTextInvalid, match="first line"):
            _read(text)

    def test_names_the_line_of_a_character_that_cannot_be_printed(self) -> None:
        with pytest.raises(LegalTextInvalid) as refusal:
            _read("# T\na\x07b\n")

        assert refusal.value.where == "t:2"

    def test_reads_the_demo_texts(self) -> None:
        titles = [_read(path.read_text())[0] for path in sorted(LEGAL_DIR.glob("*.txt"))]

        assert titles == [("title", "Terms of Service"), ("title", "Your Rights as a Customer")]
