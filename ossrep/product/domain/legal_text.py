"""Terms and rights as people write them: a title, headings, paragraphs and lists, in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ossrep.kernel.errors import DomainError

LETTERS_MAX = 200_000
_MARKS = (("# ", "title"), ("## ", "heading"), ("- ", "item"))


class LegalTextInvalid(DomainError):
    """The text cannot be set as a document."""

    code = "legal_text_invalid"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the document; ``kind`` is title, heading, item or paragraph."""

    kind: str
    text: str


def read_legal_text(*, text: str, where: str) -> Sequence[Block]:
    """Lines ``# title`` (the first one), ``## heading``, ``- item``; others are paragraphs.

    Lines of a paragraph or an item go on until an empty line or the next mark. Raises
    LegalTextInvalid with the line.
    """
    if len(text) > LETTERS_MAX:
        raise LegalTextInvalid(f"a document has at most {LETTERS_MAX:,} characters", where=where)
    for number, line in enumerate(text.splitlines(), 1):
        if any(not letter.isprintable() and letter != "\t" for letter in line):
            raise LegalTextInvalid(
                "has a character that cannot be printed", where=f"{where}:{number}"
            )
    blocks = list(_blocks(text))
    titles = [block for block in blocks if block.kind == "title"]
    if len(titles) != 1 or blocks[0] is not titles[0] or len(blocks) < 2:
        raise LegalTextInvalid(
            "the first line is '# ' and the title, the only one; then comes the text", where=where
        )
    return blocks


def _blocks(text: str) -> Iterator[Block]:
    kind, parts = "", [""]
    for line in [*text.splitlines(), ""]:
        mark, begun = next((pair for pair in _MARKS if line.startswith(pair[0])), ("", ""))
        is_over = begun or not line.strip() or kind in ("title", "heading")
        if kind and is_over:
            yield Block(kind, " ".join(parts))
            kind = ""
        if begun:
            kind, parts = begun, [line.removeprefix(mark).strip()]
        elif line.strip():
            parts = [*parts, line.strip()] if kind else [line.strip()]
            kind = kind or "paragraph"
