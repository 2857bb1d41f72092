"""Text as the market takes it: upper-case ASCII without separators (names, addresses, reasons)."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "’": "'", "‘": "'"})
_OTHERS = re.compile(r"[^A-Z0-9 !\"&'()+,\-./:;?=%@<#$]")
_NOT_DIGITS = re.compile(r"[^0-9]")
PHONE_DIGITS_MAX = 16


def to_market_text(value: str, /, *, longest: int) -> str:
    """Accents dropped, capitals, separators and odd characters as blanks, runs of blanks as one.

    Cut to ``longest``. A name of punctuation alone becomes empty: ERCOT refuses it (Texas SET
    5.0, change control 836).
    """
    plain = unicodedata.normalize("NFKD", value.translate(_LETTERS))
    ascii_only = "".join(char for char in plain if not unicodedata.combining(char))
    text = " ".join(_OTHERS.sub(" ", ascii_only.upper()).split())[:longest].strip()
    return text if any(char.isalnum() for char in text) else ""


def to_market_phone(value: str, /) -> str:
    """Digits only, at most 16."""
    return _NOT_DIGITS.sub("", value)[:PHONE_DIGITS_MAX]
