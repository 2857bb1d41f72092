"""Numbers that people read: a series with a check digit, and what a number may look like."""

from __future__ import annotations

import re

NUMBER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$"
"""Also the database's check; numbers brought from an old system are kept as they are."""

_NUMBER = re.compile(NUMBER_PATTERN[:-1] + r"\Z")

# The quasigroup of H. M. Damm (2004): finds every wrong digit and every swap of neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(*, digits: str) -> str:
    """The digit to put after ``digits``."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return str(state)


def has_valid_check_digit(*, digits: str) -> bool:
    """True when the last digit is the check digit of those before it."""
    return digits.isascii() and digits.isdigit() and check_digit(digits=digits) == "0"


def is_valid_number(text: str) -> bool:
    """True for 1 to 40 letters, digits and ``-._/`` that begin with a letter or digit."""
    return _NUMBER.match(text) is not None
